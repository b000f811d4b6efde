"""Tests for BibTeX `crossref`: papers inherit only those fields of the collection that apply to each paper."""

import pytest

from .sources import events, read

COLLECTION = """
@proceedings{conf, title={Proceedings of the Conference}, subtitle={Part Two}, year=2021, publisher={The Press},
  abstract={A preface.}, doi={10.1/whole}, url={https://example.org/whole}, keywords={whole}, editor={Doe, Jane}}
"""


def test_a_paper_without_a_title_does_not_get_the_title_of_its_collection() -> None:
    """A paper without a title is left out, instead of being imported under the title of the collection."""
    imported = read(COLLECTION + "@inproceedings{untitled, crossref={conf}, abstract={We show it.}}")
    titles = {entry.id: entry.title for entry in imported.entries}
    assert titles["conf"].startswith("Proceedings of the Conference")
    assert not titles.get("untitled", "").startswith("Proceedings")


@pytest.mark.parametrize("field", ["summary", "url", "topics", "authors"])
def test_a_paper_does_not_get_what_its_collection_says_of_itself(field: str) -> None:
    """Papers do not inherit the abstract, the address, the keywords or the editors of the collection."""
    imported = read(COLLECTION + "@inproceedings{child, title={Child}, crossref={conf}}")
    child = {entry.id: entry for entry in events(imported)}["child"]
    assert getattr(child, field) in ("", None, ())
    assert (child.title, child.date) == ("Child", "2021")
    assert child.source is not None
    assert child.source.startswith("Proceedings of the Conference")
