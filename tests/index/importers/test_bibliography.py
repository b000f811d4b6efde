"""Tests for RIS, PubMed, EndNote and Zotero RDF: publications become events with authors, venue and DOI."""

import pytest

from index.errors import ImportSourceError
from index.models import Event

from .sources import events, problem_text, read

RIS = """TY  - JOUR
AU  - Doe, Jane
AU  - van der Berg, Ann, Jr.
TI  - Small Models Read Slowly
T2  - Journal of Reading
PY  - 2024
DA  - 2024/03/05/
AB  - We measure how slowly they read.
It goes on in another line.
KW  - models
KW  - reading
VL  - 3
IS  - 2
SP  - 123
EP  - 9
DO  - https://doi.org/10.5555/ABC.1
UR  - https://example.org/paper
N1  - my private note
ER  -

TY  - RPRT
TI  - A report
A1  - {Heron Labs}
Y1  - 2023///Spring
PB  - Heron Press
ER  -

TY  - JOUR
AU  - Nobody, No
ER  -

TY  - CONF
TI  - Cut off
PY  - 2022
"""
NBIB = """
PMID- 123
OWN - NLM
TI  - Small models in
      medicine.
DP  - 2024 Mar 5
AB  - First line
      and second.
FAU - Doe, Jane
AU  - Doe J
CN  - Heron Group
JT  - Journal of Medicine
LID - 10.5555/med.1 [doi]
MH  - *Medicine/methods
PG  - 10-19

PMID- 124
TI  - Older
DP  - 1999 Spring
AU  - Roe R
"""
ENW = """%0 Journal Article
%A Doe, Jane
%A Heron Labs,
%T Small Models
%J Journal
%D 2024
%8 March 5
%X A text
that goes on.
%K one
%R 10.5555/enw.1
%Z private note

%0 Book
%T A Book
%D 2020
%I Press
"""
ENDNOTE = """<?xml version="1.0" encoding="UTF-8"?><xml><records><record>
<ref-type name="Conference Proceedings">10</ref-type>
<contributors><authors><author><style face="normal">Doe, Jane</style></author></authors></contributors>
<titles><title><style>Small </style><style>Models</style></title><secondary-title>Proc. of X</secondary-title></titles>
<dates><year>2024</year><pub-dates><date>March 5</date></pub-dates></dates><keywords><keyword>a</keyword></keywords>
<abstract>Text.</abstract><electronic-resource-num>10.5555/e.1</electronic-resource-num>
<research-notes>private</research-notes></record>
<record><titles/></record></records></xml>"""
ZOTERO = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:z="http://www.zotero.org/namespaces/export#"
 xmlns:dcterms="http://purl.org/dc/terms/" xmlns:bib="http://purl.org/net/biblio#" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:foaf="http://xmlns.com/foaf/0.1/" xmlns:prism="http://prismstandard.org/namespaces/1.2/basic/" xmlns:link="x">
<bib:Article rdf:about="https://example.org/a"><z:itemType>journalArticle</z:itemType>
 <dcterms:isPartOf><bib:Journal><dc:title>Journal</dc:title><prism:volume>7</prism:volume>
 <dc:identifier>DOI 10.5555/z.1</dc:identifier></bib:Journal></dcterms:isPartOf>
 <bib:authors><rdf:Seq><rdf:li><foaf:Person><foaf:surname>Doe</foaf:surname><foaf:givenName>Jane</foaf:givenName></foaf:Person></rdf:li></rdf:Seq></bib:authors>
 <dcterms:isReferencedBy rdf:resource="#note"/><dc:subject>kiwi</dc:subject>
 <dc:title>Kiwi</dc:title><dcterms:abstract>We show.</dcterms:abstract><dc:date>2024-03-05</dc:date></bib:Article>
<bib:Memo rdf:about="#note"><rdf:value>what I think of it</rdf:value></bib:Memo>
<z:Attachment rdf:about="#f"><z:itemType>attachment</z:itemType><dc:title>PDF</dc:title></z:Attachment>
<bib:Document rdf:about="https://example.org/page"><z:itemType>webpage</z:itemType>
 <dcterms:isPartOf><z:Website><dc:title>Site</dc:title></z:Website></dcterms:isPartOf><dc:title>Page</dc:title></bib:Document>
<z:Collection rdf:about="#c"><dc:title>My things</dc:title></z:Collection></rdf:RDF>"""


def extra(event: Event, *names: str) -> tuple[object, ...]:
    """Return bibliographic fields of an event."""
    fields = event.model_dump()
    return tuple(fields.get(name) for name in names)


def test_ris_gives_title_date_authors_venue_and_doi() -> None:
    """Multi-line values are joined, page ranges are completed, and private notes are not read."""
    imported = read(RIS)
    first, report, cut = events(imported)
    assert (imported.format, first.title, first.date, first.source) == (
        "ris",
        "Small Models Read Slowly",
        "2024-03-05",
        "Journal of Reading",
    )
    assert first.summary == "We measure how slowly they read. It goes on in another line."
    assert (first.url, first.topics) == ("https://example.org/paper", ("models", "reading"))
    assert extra(first, "doi", "publication_type", "volume", "issue", "pages") == (
        "10.5555/ABC.1",
        "article-journal",
        "3",
        "2",
        "123-129",
    )
    assert list(first.model_dump()["authors"]) == ["Jane Doe", "Ann van der Berg Jr."]
    assert (report.date, report.source, extra(report, "publication_type")) == ("2023", "Heron Press", ("report",))
    assert cut.title == "Cut off"
    assert "private" not in str(imported.entries)
    assert "-:28: title: the publication has no title" in problem_text(imported)
    assert "no end" in problem_text(imported)


def test_the_id_of_a_publication_is_that_of_its_doi_and_not_of_its_place_in_a_file() -> None:
    """The id changes neither with the publications before it nor with the spelling of the DOI."""
    alone = read("TY  - JOUR\nTI  - Another title\nDO  - 10.5555/abc.1\nER  - \n")
    assert events(alone)[0].id == events(read(RIS))[0].id
    both = read("TY  - JOUR\nTI  - Same\nPY  - 2020\nER  - \nTY  - JOUR\nTI  - Same\nPY  - 2021\nER  - \n")
    assert len({event.id for event in events(both)}) == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_ris_is_read_in_every_unicode_encoding_and_with_any_line_ends(encoding: str) -> None:
    """EndNote writes a byte order mark and Windows line ends; old Mac programs write carriage returns."""
    for ends in ("\n", "\r\n", "\r"):
        imported = read(RIS.replace("\n", ends).encode(encoding))
        assert [event.title for event in events(imported)] == ["Small Models Read Slowly", "A report", "Cut off"]


def test_ris_with_one_space_before_the_hyphen_is_read_too() -> None:
    """Some publishers write only one space."""
    imported = read("TY - JOUR\nTI - Narrow\nPY - 2024\nER -\n", "ris")
    assert [(event.title, event.date) for event in events(imported)] == [("Narrow", "2024")]


def test_pubmed_is_read_with_full_names_groups_and_doi() -> None:
    """The id is derived from the DOI, or from the PubMed number if there is no DOI."""
    imported = read(NBIB)
    first, second = events(imported)
    assert (imported.format, first.title, first.date, first.summary) == (
        "nbib",
        "Small models in medicine",
        "2024-03-05",
        "First line and second.",
    )
    assert (first.source, first.topics, first.url) == (
        "Journal of Medicine",
        ("Medicine",),
        "https://doi.org/10.5555/med.1",
    )
    assert list(first.model_dump()["authors"]) == ["Jane Doe", "Heron Group"]
    assert (second.id, second.date, second.url) == ("pmid:124", "1999", "https://pubmed.ncbi.nlm.nih.gov/124/")
    assert list(second.model_dump()["authors"]) == ["R Roe"]


def test_endnotes_refer_files_are_read() -> None:
    """A date without a year gets the year from the separate year field; notes are not read."""
    imported = read(ENW)
    first, book = events(imported)
    assert (imported.format, first.title, first.date, first.summary) == (
        "enw",
        "Small Models",
        "2024-03-05",
        "A text that goes on.",
    )
    assert list(first.model_dump()["authors"]) == ["Jane Doe", "Heron Labs"]
    assert (book.title, book.source, extra(book, "publication_type")) == ("A Book", "Press", ("book",))
    assert "private" not in str(imported.entries)


def test_endnotes_xml_is_read() -> None:
    """Style elements are removed from the text; a record without a title is reported."""
    imported = read(ENDNOTE)
    (paper,) = events(imported)
    assert (imported.format, paper.title, paper.date, paper.source) == (
        "endnote-xml",
        "Small Models",
        "2024-03-05",
        "Proc. of X",
    )
    assert extra(paper, "doi", "publication_type") == ("10.5555/e.1", "paper-conference")
    assert "record 2: title: the publication has no title" in problem_text(imported)
    assert "private" not in str(imported.entries)


def test_zoteros_rdf_is_read_without_notes_attachments_and_collections() -> None:
    """The journal nested in an article gives the venue, the volume and the DOI."""
    imported = read(ZOTERO)
    kiwi, page = events(imported)
    assert (imported.format, kiwi.title, kiwi.date, kiwi.source, kiwi.url) == (
        "zotero-rdf",
        "Kiwi",
        "2024-03-05",
        "Journal",
        "https://example.org/a",
    )
    assert extra(kiwi, "doi", "volume", "publication_type") == ("10.5555/z.1", "7", "article-journal")
    assert (list(kiwi.model_dump()["authors"]), kiwi.topics) == (["Jane Doe"], ("kiwi",))
    assert (page.title, page.source, page.url) == ("Page", "Site", "https://example.org/page")
    assert len(imported.problems) == 2
    assert "what I think" not in str(imported.entries)


def test_xml_that_breaks_off_gives_what_is_before_the_damage() -> None:
    """The line of the damage is reported, and so is the truncated item, which is left out."""
    imported = read(ENDNOTE[: ENDNOTE.index("</record>") + 9] + "<record><titles><title>Cut")
    assert [event.title for event in events(imported)] == ["Small Models"]
    assert "not well formed" in problem_text(imported)
    assert imported.problems


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("form", ["endnote-xml", "zotero-rdf", "wordpress", "opml"])
def test_entities_of_xml_are_not_expanded(form: str) -> None:
    """Neither exponentially growing entities nor entities that read a file are expanded."""
    text = f'<?xml version="1.0"?>{BOMB}<xml><records><record><titles><title>T&b;&f;</title></titles></record></records></xml>'
    try:
        found = str(read(text, form).entries)
    except ImportSourceError as error:
        found = f"{error} {error.hint}"
    assert "root:" not in found
    assert "aaaa" not in found


def test_bare_ampersands_and_names_of_html_do_not_break_an_export() -> None:
    """Many programs write bare `&` and HTML entities into XML; in CDATA they are left unchanged."""
    text = ENDNOTE.replace("Text.", "Q&A &nbsp;at AT&T &amp; co <![CDATA[&nbsp; & <b>]]>")
    (paper,) = events(read(text))
    assert paper.summary.startswith("Q&A")
    assert "AT&T & co" in paper.summary


def test_a_table_of_zotero_is_read_without_its_owners_notes_and_files() -> None:
    """Notes and file paths are private to the owner of the library."""
    table = (
        '"Key","Item Type","Title","Url","Date","Date Added","Notes","File Attachments"\n'
        '"ABCD1234","journalArticle","Small Models","https://example.org/a","2024-03-05","2025-01-01 10:00:00","my opinion","/home/jane/a.pdf"\n'
        '"ABCD1235","note","","","","2025-01-01 10:00:00","my opinion",""\n'
    )
    imported = read(table)
    (paper,) = events(imported)
    assert (paper.title, paper.date, paper.url) == ("Small Models", "2024-03-05", "https://example.org/a")
    assert "opinion" not in paper.model_dump_json()
    assert "/home/jane" not in paper.model_dump_json()
    assert "2025" not in paper.model_dump_json()
    assert "note of its owner" in problem_text(imported)
