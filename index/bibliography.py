"""Publication types and author names, converted between CSL, BibTeX, RIS, Zotero and EndNote; DOIs and pages.

An entry stores the CSL type, such as `article-journal`. `PUBLICATION_TYPES` gives its name in BibTeX and RIS, so that an
import followed by an export restores the type.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Vocabulary = Literal["bibtex", "ris", "zotero"]


@dataclass(frozen=True, slots=True)
class PublicationType:
    """A type of publication with its name in each format."""

    csl: str
    bibtex: str
    subtype: str
    """BibLaTeX's `entrysubtype`, which distinguishes types that share a BibTeX name. Empty if it is not needed."""
    ris: str
    venue: str
    """The BibTeX field that names the journal, book, publisher or institution."""


_ROWS = """
article-journal    article        -          JOUR    journal
article-magazine   article        magazine   MGZN    journal
article-newspaper  article        newspaper  NEWS    journal
paper-conference   inproceedings  -          CONF    booktitle
article            misc           preprint   UNPB    howpublished
manuscript         unpublished    -          MANSCPT howpublished
book               book           -          BOOK    publisher
collection         proceedings    -          EDBOOK  publisher
chapter            incollection   -          CHAP    booktitle
report             techreport     -          RPRT    institution
thesis             phdthesis      -          THES    school
webpage            online         -          ELEC    howpublished
post-weblog        online         blog       BLOG    howpublished
post               online         forum      ICOMM   howpublished
dataset            dataset        -          DATA    howpublished
software           software       -          COMP    howpublished
patent             patent         -          PAT     howpublished
speech             misc           speech     SLIDE   howpublished
standard           misc           standard   STAND   howpublished
legislation        misc           law        STAT    howpublished
bill               misc           bill       BILL    howpublished
legal_case         misc           case       CASE    howpublished
motion_picture     misc           video      VIDEO   howpublished
entry-encyclopedia inreference    -          ENCYC   booktitle
entry-dictionary   inreference    dictionary DICT    booktitle
document           misc           -          GEN     howpublished
"""
PUBLICATION_TYPES = {
    csl: PublicationType(csl, bibtex, "" if subtype == "-" else subtype, ris, venue)
    for csl, bibtex, subtype, ris, venue in (row.split() for row in _ROWS.split("\n") if row)
}
_OTHER_NAMES: dict[Vocabulary, dict[str, str]] = {
    "bibtex": {
        "conference": "paper-conference",
        "inbook": "chapter",
        "bookinbook": "chapter",
        "suppbook": "chapter",
        "report": "report",
        "manual": "report",
        "thesis": "thesis",
        "mastersthesis": "thesis",
        "mvbook": "book",
        "booklet": "book",
        "collection": "collection",
        "mvcollection": "collection",
        "mvproceedings": "collection",
        "electronic": "webpage",
        "www": "webpage",
        "periodical": "article-journal",
        "suppperiodical": "article-journal",
        "video": "motion_picture",
        "movie": "motion_picture",
        "standard": "standard",
        "legislation": "legislation",
        "jurisdiction": "legal_case",
    },
    "ris": {
        "CPAPER": "paper-conference",
        "EJOUR": "article-journal",
        "ABST": "article-journal",
        "INPR": "article-journal",
        "EBOOK": "book",
        "ECHAP": "chapter",
        "PREPRINT": "article",
        "DBASE": "dataset",
        "AGGR": "dataset",
        "GOVDOC": "report",
        "WEB": "webpage",
        "LEGAL": "legislation",
        "MPCT": "motion_picture",
    },
    "zotero": {
        "journalArticle": "article-journal",
        "magazineArticle": "article-magazine",
        "newspaperArticle": "article-newspaper",
        "conferencePaper": "paper-conference",
        "preprint": "article",
        "bookSection": "chapter",
        "blogPost": "post-weblog",
        "forumPost": "post",
        "webpage": "webpage",
        "presentation": "speech",
        "computerProgram": "software",
        "encyclopediaArticle": "entry-encyclopedia",
        "dictionaryEntry": "entry-dictionary",
        "statute": "legislation",
        "case": "legal_case",
        "videoRecording": "motion_picture",
        "film": "motion_picture",
    },
}
_BY_BIBTEX = {(kind.bibtex, kind.subtype): kind.csl for kind in PUBLICATION_TYPES.values()}
_BY_RIS = {kind.ris: kind.csl for kind in PUBLICATION_TYPES.values()}
_ENDNOTE = {
    name: csl
    for csl, names in {
        "article-journal": "journalarticle article electronicarticle jfull",
        "article-magazine": "magazinearticle",
        "article-newspaper": "newspaperarticle",
        "paper-conference": "conferencepaper conferenceproceedings conferenceproceeding inproceedings",
        "book": "editedbook electronicbook whole",
        "chapter": "booksection electronicbooksection",
        "report": "report governmentdocument",
        "standard": "standard",
        "thesis": "thesis",
        "webpage": "webpage onlinedatabase",
        "post-weblog": "blogpost",
        "dataset": "dataset aggregateddatabase",
        "software": "computerprogram software",
        "patent": "patent",
        "manuscript": "unpublishedwork manuscript unpd unbill",
        "article": "unpublishedpreprint",
        "speech": "presentation hear",
        "interview": "interview",
        "broadcast": "vidbroadcast podcast radiobroadcast tvbroadcast",
        "document": "generic document",
    }.items()
    for name in names.split()
}
"""CSL types by EndNote's type names, in lower case and without spaces."""
_ANY_DOI = re.compile(r"(10\.\d{4,9}/\S+)")
_DOI = re.compile(r"^(?:https?://)?(?:dx\.|www\.)?doi\.org/|^doi:\s*", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:jr|sr|i{2,3}|iv|v)\.?", re.IGNORECASE)

_OF_AN_ORGANISATION = re.compile(r"(?:^|\s)(?:and|for|of|the|&)\s", re.IGNORECASE)


def publication_type(name: str, vocabulary: Vocabulary, *, subtype: str = "") -> str | None:
    """Return the CSL type for a type name in BibTeX, RIS or Zotero; None if the name is unknown.

    Args:
        name: The type name. Case is ignored for BibTeX and RIS.
        vocabulary: The format that the name comes from.
        subtype: BibLaTeX's `entrysubtype`; empty if there is none.
    """
    key = name.strip()
    if vocabulary == "bibtex":
        key = key.lower()
        csl = _BY_BIBTEX.get((key, subtype.strip().lower())) or _BY_BIBTEX.get((key, ""))
    elif vocabulary == "ris":
        key = key.upper()
        csl = _BY_RIS.get(key)
    else:
        csl = key if key in PUBLICATION_TYPES else None
    return csl or _OTHER_NAMES[vocabulary].get(key)


def any_publication_type(name: str) -> str:
    """Return the CSL type for a type name in RIS, Zotero or EndNote; empty if the name is unknown."""
    known = publication_type(name, "ris") or publication_type(name, "zotero")
    return known or _ENDNOTE.get(re.sub(r"[\W_]+", "", name.lower()), "")


def person(*, given: str = "", family: str = "", suffix: str = "", literal: str = "") -> dict[str, str]:
    """Return a CSL name: the non-empty parts of a person's name, or the whole name of an organisation as `literal`."""
    parts = {"given": given, "family": family, "suffix": suffix, "literal": literal}
    return {part: cleaned for part, text in parts.items() if (cleaned := " ".join(text.split()))}


def display(name: Mapping[str, str]) -> str:
    """Return a CSL name as text, such as `Jane Doe`, `John Smith Jr.` or `Heron Labs`."""
    parts = (name.get(part) for part in ("given", "family", "suffix"))
    return " ".join(part for part in parts if part) or name.get("literal") or ""


def from_inverted(text: str, *, any_suffix: bool = False) -> dict[str, str]:
    """Return the parts of a name such as `Doe, Jane` or `Smith, John, Jr.`. A name without a comma becomes `literal`.

    With `any_suffix`, the text is known to be a single name. Then any text after a second comma is a suffix, unless a word
    such as "of" shows that it is the name of an organisation.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) == 3 and _SUFFIX.fullmatch(parts[2]):
        return person(family=parts[0], given=parts[1], suffix=parts[2])
    if len(parts) == 3 and _SUFFIX.fullmatch(parts[1]):
        return person(family=parts[0], given=parts[2], suffix=parts[1])
    if any_suffix and len(parts) > 1 and _OF_AN_ORGANISATION.search(text):
        return person(literal=", ".join(parts))
    if len(parts) == 2:
        return person(family=parts[0], given=parts[1])
    if any_suffix and len(parts) > 2:
        return person(family=parts[0], given=parts[1], suffix=", ".join(parts[2:]))
    return person(literal=", ".join(parts) if any_suffix else text)


def authorship(names: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """Return the field `authors` without duplicates, and `author_names` if the parts of some name are known."""
    known = {display(name): dict(name) for name in names if display(name)}
    fields: dict[str, Any] = {"authors": list(known)}
    if any("family" in name for name in known.values()):
        fields["author_names"] = list(known.values())
    return fields


def bare_doi(text: str) -> str:
    """Return a DOI without `https://doi.org/` or `doi:` in front; empty if the text is not a DOI."""
    doi = _DOI.sub("", text.strip()).strip()
    return doi if re.fullmatch(r"10\.\S+", doi) else ""


def first_doi(text: str) -> str:
    """Return the first DOI in a text, without the URL in front of it; empty if there is none."""
    match = _ANY_DOI.search(text)
    return match[1].rstrip(".,;") if match else ""


def plain_pages(text: str) -> str:
    """Return a page range with any kind of dash replaced by a plain hyphen."""
    return re.sub(r"\s*[-\u2010-\u2015\u2212]+\s*", "-", " ".join(text.split()))
