"""A web page: its schema.org JSON-LD, or else its Open Graph and other metadata."""

import html
import json
import re
from typing import Any

from bs4 import BeautifulSoup
from bs4.exceptions import ParserRejectedMarkup

from index import bibliography
from index.errors import ImportSourceError
from index.importers.cells import people
from index.importers.ids import event_id, of_address
from index.importers.mapping import dated
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.text import markup, plaintext
from index.importers.text.lines import is_html, web_address

from . import json_ld

NAME = "webpage"
ABOUT = "a web page with schema.org JSON-LD (articles, postings, events), or with Open Graph or other metadata"
LARGEST = 4 * 2**20
"""Maximum size of one page, in bytes."""
_WRAPPED = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*;?\s*$"
)
_COMMA_TOO_MANY = re.compile(r",(?=\s*[}\]])")
_TITLES = ("og:title", "twitter:title", "citation_title", "dc.title", "dcterms.title", "parsely-title")
_TEXTS = ("og:description", "description", "twitter:description", "dc.description", "dcterms.abstract")
_DATES = (
    "article:published_time", "og:article:published_time", "datepublished", "citation_publication_date", "citation_date",
    "dc.date.issued", "dcterms.issued", "dcterms.date", "dc.date", "parsely-pub-date", "sailthru.date", "pubdate", "date",
)  # fmt: skip
_SITES = (
    "citation_journal_title", "citation_conference_title", "og:site_name", "application-name", "citation_publisher", "dc.publisher",
)  # fmt: skip
_AUTHORS = ("citation_author", "dc.creator", "dcterms.creator", "parsely-author", "author")
_TOPICS = ("article:tag", "keywords", "news_keywords", "article:section", "citation_keywords")


def fits(source: Source) -> bool:
    """Whether the source is HTML with JSON-LD, a title or a description."""
    if source.folder is not None or len(source.data) > LARGEST:
        return False
    text, _ = source.text(declared=True)
    named = (source.media_type or "").startswith(("text/html", "application/xhtml"))
    xml = text.lstrip("\ufeff \t\r\n").startswith("<?xml") or source.file_name.endswith((".xml", ".opml", ".rdf"))
    other = xml and markup.root(text) != "html"
    if other or not (named or is_html(source.file_name, text)):
        return False
    return (
        re.search(r"application/ld\+json|<meta\b[^<>]{0,300}(?:og:title|description)|<title\b", text, re.IGNORECASE)
        is not None
    )


def read(source: Source) -> Imported:
    """Import the articles and events of a page, or the page itself as one event.

    Raises:
        ImportSourceError: If the source is not HTML, is too large, or has no title.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the pages one by one")
    if len(source.data) > LARGEST:
        raise ImportSourceError(
            f"{source.name} has more than the {LARGEST:,} bytes of one page", hint="save a part of the page"
        )
    text, odd = source.text(declared=True)
    records = Records(NAME, warnings=list(odd))
    try:
        soup = BeautifulSoup(markup.tame(re.sub(r"^\s*<\?xml[^<>]*>", "", text)), "html.parser")
    except (ParserRejectedMarkup, RecursionError, AssertionError) as error:
        raise ImportSourceError(f"the HTML cannot be read: {error}", hint="save the page again") from error
    meta = _metadata(soup)
    base = _own_address(soup, meta, source)
    documents = _documents(soup, records, source.name)
    nodes = _distinct(list(json_ld.nodes(documents)))
    graph = json_ld.by_id(documents)
    alone = len(nodes) == 1
    for node in nodes:
        if records.leave_out_hidden(source.name, _visibility(node, meta if alone else {})):
            continue
        made = json_ld.record(node, records=records, place=source.name, base=base, graph=graph, alone=alone)
        records.add(source.name, _completed(made, meta) if alone else made)
    if not nodes and not records.leave_out_hidden(source.name, _visibility({}, meta)):
        records.add(source.name, _of_metadata(records, source, soup, meta, base))
    return records.imported(whole=False)


def _distinct(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the nodes without duplicates, recognised by name and start date. The one with the most fields is kept."""
    kept: dict[str, dict[str, Any]] = {}
    for node in nodes:
        name = " ".join((json_ld.text(node, "headline") or json_ld.text(node, "name")).split()) + json_ld.text(
            node, "startDate"
        )
        if name not in kept or len(node) > len(kept[name]):
            kept[name] = node
    return list(kept.values())


def _metadata(soup: BeautifulSoup) -> dict[str, list[str]]:
    """Map the lower-case name or property of each `meta` element to its contents."""
    contents: dict[str, list[str]] = {}
    for tag in soup.find_all("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        content = tag.get("content")
        if isinstance(name, str) and isinstance(content, str) and content.strip():
            contents.setdefault(name.strip().lower(), []).append(content)
    return contents


def _own_address(soup: BeautifulSoup, meta: dict[str, list[str]], source: Source) -> str:
    canonical = soup.select_one('link[rel~="canonical"]')
    candidates = [str(canonical.get("href") or "")] if canonical else []
    candidates += meta.get("og:url", [])
    return next(
        (url for address in candidates if address and (url := web_address(address, source.url or ""))), source.url or ""
    )


def _documents(soup: BeautifulSoup, records: Records, name: str) -> list[Any]:
    """Return the parsed JSON-LD scripts of a page. A script that is not JSON is reported."""
    documents = []
    for script in soup.find_all("script"):
        if "ld+json" not in str(script.get("type") or "").lower():
            continue
        text = _WRAPPED.sub("", _WRAPPED.sub("", script.get_text())).strip()
        for attempt in (text, _COMMA_TOO_MANY.sub("", text), html.unescape(text)):
            try:
                documents.append(json.loads(attempt, strict=False, parse_constant=lambda _name: None))
                break
            except (ValueError, RecursionError):
                continue
        else:
            if text:
                records.warn(
                    f"{name}:{script.sourceline or 1}", "", "a JSON-LD script is not JSON, and was passed over"
                )
    return documents


def _first(meta: dict[str, list[str]], names: tuple[str, ...]) -> str:
    texts = (plaintext.of_html(value) for name in names for value in meta.get(name, []))
    return next((text for text in texts if text), "")


def _title(soup: BeautifulSoup, meta: dict[str, list[str]]) -> str:
    title = _first(meta, _TITLES)
    for name in ("title", "h1"):
        tag = soup.find(name)
        title = title or (tag.get_text(" ") if tag is not None else "")
    return " ".join(title.split())


def _of_metadata(
    records: Records, source: Source, soup: BeautifulSoup, meta: dict[str, list[str]], base: str
) -> dict[str, Any]:
    title = _title(soup, meta)
    if not title:
        raise ImportSourceError(
            f"{source.name} tells no title: it has neither JSON-LD nor metadata",
            hint="where a script draws the page: select all in the browser, copy it into a text file and import that",
        )
    stamp = soup.select_one("article time[datetime], time[datetime][pubdate], time[itemprop=datePublished]")
    day = _first(meta, _DATES) or (str(stamp.get("datetime") or "") if stamp else "")
    return {
        "id": of_address(base) if base else event_id(title),
        "kind": "event",
        "title": title,
        "date": dated(records, source.name, day) if day else None,
        "summary": _first(meta, _TEXTS),
        "url": base or None,
        "source": _first(meta, _SITES),
        "topics": _topics(meta),
    } | _publication(meta)


def _publication(meta: dict[str, list[str]]) -> dict[str, Any]:
    """Return the publication fields from the `citation_*` metadata that publishers and archives provide."""
    values = next((meta[name] for name in _AUTHORS if name in meta), [])
    names = [plaintext.one_line(value) for value in values if not value.startswith(("http://", "https://"))]
    known = [name for value in names for name in people(value, inverted=bool(meta.get("citation_author")))]
    first, last = (_first(meta, (f"citation_{end}page",)) for end in ("first", "last"))
    conference, journal = "citation_conference_title" in meta, "citation_journal_title" in meta
    return {
        "doi": bibliography.bare_doi(_first(meta, ("citation_doi",))),
        "publication_type": "paper-conference" if conference else "article-journal" if journal else None,
        "volume": _first(meta, ("citation_volume",)),
        "issue": _first(meta, ("citation_issue",)),
        "pages": "-".join(page for page in (first, last) if page),
    } | bibliography.authorship(known)


def _visibility(node: dict[str, Any], meta: dict[str, list[str]]) -> dict[str, Any]:
    """Return the fields of JSON-LD and Open Graph that say whether something is published and when it expires."""
    expires = json_ld.text(node, "expires") or _first(meta, ("article:expiration_time", "og:article:expiration_time"))
    return {"expires": expires, "creativeWorkStatus": json_ld.text(node, "creativeWorkStatus")}


def _topics(meta: dict[str, list[str]]) -> list[str]:
    words = (
        word.strip() for name in _TOPICS for value in meta.get(name, []) for word in plaintext.of_html(value).split(",")
    )
    return list(dict.fromkeys(word for word in words if word))


def _completed(record: dict[str, Any], meta: dict[str, list[str]]) -> dict[str, Any]:
    """Return the page's only article or event, with missing fields filled in from the page's metadata."""
    more = {"summary": _first(meta, _TEXTS), "source": _first(meta, _SITES)}
    return record | {name: value for name, value in more.items() if not record.get(name)}
