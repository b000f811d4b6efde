"""Names from a catalogue's fields, found in a question whatever their spelling."""

import pytest

from assistant.understanding.lists.filter_names import FieldNames
from index.catalogue import Catalogue
from index.models import ENTRY


def catalogue(*organisations: str) -> Catalogue:
    """A catalogue of one event with these organisations."""
    event = {"id": "e", "kind": "event", "title": "T", "summary": "S.", "organisations": list(organisations)}
    return Catalogue((ENTRY.validate_python(event),))


@pytest.mark.parametrize("name", ["A &", "Tern *", "“ ”", "Heron Ⅷ —", "X <script>"])
def test_a_name_that_ends_in_signs_breaks_nothing(name: str) -> None:
    """The end of a longer name may have no letter; then it is no spelling of that name."""
    assert FieldNames(catalogue(name)).organisations("What is new?") == []


def test_the_end_of_a_longer_name_finds_it() -> None:
    """The name "Tern Research" is enough for "Heron Tern Research"."""
    (mention,) = FieldNames(catalogue("Heron Tern Research")).organisations("What did Tern Research publish?")
    assert mention.names == ("Heron Tern Research",)
