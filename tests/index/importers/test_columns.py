"""Tests for columns recognised by common names, and for warnings about guessed titles."""

import pytest

from index.errors import ImportSourceError
from index.importers.cells import people
from index.importers.text import front_matter

from .sources import events, problem_text, read

ZOTERO = (
    '"Key","Item Type","Publication Year","Author","Title","Publication Title","DOI","Url","Abstract Note","Date",'
    '"Volume","Pages","Publisher","Manual Tags","Automatic Tags"\n'
    '"AB12","conferencePaper","2024","Doe, Jane; Roe, Rick","A Paper","Proc. of X","10.5555/1","","Its abstract.",'
    '"2024-03-05","7","1–9","Press","alignment; evals","cs.AI"\n'
    '"AB13","preprint","2023","Heron Labs","Another","","","https://x.example/1","","","","","","",""\n'
)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Year,Event,Description", "2024,Quiet-1,A text."),
        ("Model,Publication date,Abstract", "Quiet-1,2024,A text."),
        ("model_name,release_date,notes", "Quiet-1,2024,A text."),
        ("Paper,announced,abstract note", "Quiet-1,2024,A text."),
        ("Headline,Posted on,Lead", "Quiet-1,2024,A text."),
        ("Event name,Event date,Dek", "Quiet-1,2024,A text."),
        ("Release,Released,Standfirst", "Quiet-1,2024,A text."),
        ("Article title,Publication Date,TLDR", "Quiet-1,2024,A text."),
    ],
)
def test_titles_dates_and_texts_have_many_names(header: str, row: str) -> None:
    """Common column names need no mapping, and no title is guessed."""
    imported = read(f"{header}\n{row}\n", "csv")
    (event,) = events(imported)
    assert (event.title, event.date, event.summary) == ("Quiet-1", "2024", "A text.")
    assert imported.warnings == ()


@pytest.mark.parametrize("column", ["developer", "Lab", "Organization", "Organizations", "Company", "Vendor"])
def test_who_made_something_is_its_organisation(column: str) -> None:
    """Columns for developers and labs give the organisations of an entry."""
    (event,) = events(read(f"title,date,text,{column}\nQuiet-1,2024,T.,Heron Labs\n", "csv"))
    assert event.organisations == ("Heron Labs",)


def test_a_library_exported_from_zotero_keeps_what_a_reference_needs() -> None:
    """Names are converted from `Doe, Jane`; the year replaces a missing date, and the DOI a missing address."""
    first, second = events(read(ZOTERO, "csv"))
    assert (first.title, first.date, first.summary, first.source) == (
        "A Paper",
        "2024-03-05",
        "Its abstract.",
        "Proc. of X",
    )
    assert first.authors == ("Jane Doe", "Rick Roe")
    assert (first.url, first.doi) == ("https://doi.org/10.5555/1", "10.5555/1")
    assert (first.publication_type, first.volume, first.pages, first.publisher) == (
        "paper-conference",
        "7",
        "1-9",
        "Press",
    )
    assert first.topics == ("alignment", "evals", "cs.AI")
    assert (second.authors, second.date, second.publication_type) == (("Heron Labs",), "2023", "article")


def test_titles_taken_from_a_text_are_said_once_with_the_way_out() -> None:
    """The warning names the column that was used, and a column that may contain the titles."""
    imported = read("Gizmo,Date,Abstract\nQuiet-1,2024,We train a model.\nQuiet-2,2025,We train more.\n", "csv")
    assert [event.title for event in events(imported)] == ["We train a model.", "We train more."]
    assert (
        problem_text(imported).count(
            "no column of titles; titles are the first words of Abstract; name it with --map title=Gizmo"
        )
        == 1
    )
    assert len(imported.warnings) == 1


def test_the_same_is_said_of_json() -> None:
    """The same warning is given for objects in JSON."""
    imported = read('[{"gizmo": "Quiet-1", "abstract": "We train a model.", "date": "2024"}]', "json")
    assert "titles are the first words of abstract; name it with --map title=gizmo" in problem_text(imported)


def test_a_table_without_titles_and_texts_is_refused() -> None:
    """The error lists the columns."""
    with pytest.raises(ImportSourceError, match="no column for a title: A, B"):
        read("A,B\n1,2\n", "csv")


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Jane Doe", ["Jane Doe"]),
        ("Doe, Jane; Roe, Rick", ["Jane Doe", "Rick Roe"]),
        ("Jane Doe and Rick Roe", ["Jane Doe", "Rick Roe"]),
        ("Jane Doe, Rick Roe and Ann Poe", ["Jane Doe", "Rick Roe", "Ann Poe"]),
        ("Doe, Jane and Roe, Rick", ["Jane Doe", "Rick Roe"]),
        ("Doe, J. A.", ["J. A. Doe"]),
        ("OpenAI, Heron Labs", ["OpenAI", "Heron Labs"]),
        (
            [{"given": "Jane", "family": "Doe"}, {"name": "Heron Labs"}, "Roe, Rick"],
            ["Jane Doe", "Heron Labs", "Rick Roe"],
        ),
    ],
)
def test_authors_in_a_cell_are_told_apart(cell: object, names: list[str]) -> None:
    """Authors are recognised with every separator."""
    told = people(cell)
    assert [
        " ".join(part for part in (name.get("given"), name.get("family"), name.get("literal")) if part) for name in told
    ] == names


@pytest.mark.parametrize(
    "name", ["abstract", "subtitle", "tldr", "lead", "description", "excerpt", "dek", "standfirst", "summary"]
)
def test_texts_of_front_matter_are_texts(name: str) -> None:
    """A publication with only an abstract is not reported as empty."""
    imported = read(f'---\ntitle: T\ndate: 2024-01-01\n{name}: "We study *stars*."\n---\n', "markdown")
    (event,) = events(imported)
    assert event.summary == "We study stars."
    assert "no text" not in problem_text(imported)


def test_a_publication_in_front_matter_keeps_venue_authors_and_type() -> None:
    """The fields are those of HugoBlox and of the Proceedings of Machine Learning Research."""
    hugo = '---\ntitle: T\ndate: 2024-05-01\nauthors: [Jane Doe]\nabstract: A.\npublication: "*Proc. of X*"\ndoi: "10.5555/1"\npublication_types: ["1"]\n---\n'
    (event,) = events(read(hugo, "markdown"))
    assert (event.source, event.authors, event.doi, event.publication_type) == (
        "Proc. of X",
        ("Jane Doe",),
        "10.5555/1",
        "paper-conference",
    )
    pmlr = (
        "---\ntitle: On $O(\\sqrt{n})$\nabstract: We prove $\\frac{1}{2}\\le x$.\nlayout: inproceedings\npublisher: PMLR\n"
        "author:\n- given: Jane\n  family: Doe\nfirstpage: 1\nlastpage: 30\nvolume: '247'\ndate: 2024-06-30\n"
        "container-title: Proceedings of X\n---\n"
    )
    (paper,) = events(read(pmlr, "markdown"))
    assert (paper.title, paper.summary) == ("On O(√n)", "We prove 1/2 ≤ x.")
    assert (paper.source, paper.publisher, paper.volume, paper.pages) == ("Proceedings of X", "PMLR", "247", "1-30")
    assert (paper.authors, paper.publication_type) == (("Jane Doe",), "paper-conference")
    assert front_matter.cut(pmlr)[2] is None
