"""The starter catalogue: valid, linked, and written so that each sentence can be quoted alone."""

import re
from collections import Counter
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from index import catalogue, chunk, generation
from index.catalogue import Catalogue
from index.embed import Embedder, token_counter
from index.models import AnyEntry, Event, Guide

STARTER = Path(str(resources.files("index") / "starter"))


@pytest.fixture(scope="module")
def starter() -> Catalogue:
    """The catalogue that ships with the package."""
    return catalogue.load_starter()


def sentences(entry: AnyEntry) -> list[str]:
    """Every sentence of an entry that can be quoted."""
    passages = list(chunk.Chunker(token_counter()).passages(entry))
    texts = entry.texts()
    return [texts[passages[s.passage].field][s.start : s.end] for s in chunk.sentences_of(passages)]


def test_every_record_fits_and_every_link_leads_somewhere(starter: Catalogue) -> None:
    """No problems, no warnings, and enough entries of each kind."""
    assert starter.problems == ()
    assert starter.warnings == ()
    assert Counter(entry.kind for entry in starter.entries) == {"event": 283, "guide": 42, "path": 4}


def test_links_go_both_ways(starter: Catalogue) -> None:
    """Links between events and guides go both ways."""
    for entry in starter.entries:
        for other in (*entry.related_events, *entry.related_guides):
            if entry.kind != "path":
                back = starter.by_id[other]
                assert entry.id in (*back.related_events, *back.related_guides), (entry.id, other)


def test_every_field_a_reader_needs_is_there(starter: Catalogue) -> None:
    """Every event has a date, source, organisations and importance; entries have three to six topics from one list."""
    known = set((STARTER / "topics.txt").read_text("utf-8").split())
    for entry in starter.entries:
        assert 3 <= len(entry.topics) <= 6, entry.id
        assert set(entry.topics) <= known, entry.id
        assert all(text.strip() for text in entry.texts().values()), entry.id
        assert entry.checked, entry.id
        if isinstance(entry, Event):
            assert entry.date, entry.id
            assert entry.source, entry.id
            assert entry.organisations, entry.id
            assert entry.importance, entry.id
        if isinstance(entry, Guide):
            assert len(entry.key_takeaways) >= 4, entry.id
            assert 3 <= len(entry.sections) <= 8, entry.id
            assert 4 <= len(entry.terms) <= 12, entry.id
        if entry.url:
            assert re.fullmatch(r"https?://[\w.-]+\.\w+(/\S*)?", entry.url), entry.url
            assert urlsplit(entry.url).hostname, entry.url


def test_the_page_about_importance_counts_the_events_as_they_are(starter: Catalogue, project: Path) -> None:
    """Its table is true, and the starter catalogue keeps the limits that the page sets."""
    page = (project / "docs" / "importance.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\d, ]+) \|.*\| (\d+) \|$", page, re.MULTILINE)
    events = [entry for entry in starter.entries if isinstance(entry, Event)]
    counts = Counter(event.importance for event in events)
    assert [(numbers, int(count)) for numbers, count in rows] == [
        (numbers, sum(counts[int(number)] for number in numbers.split(", ")))
        for numbers in ("10", "9", "8", "7", "6", "5", "4", "3, 2", "1")
    ]
    assert counts[10] <= 0.02 * len(events)
    assert counts[9] <= 0.10 * len(events)
    late = [event.importance or 0 for event in events if (event.date or "") > "2025-11-27"]
    assert f"{sum(number >= 8 for number in late)} of the {len(late)} events after 27 November 2025" in page


def test_every_sentence_stands_alone(starter: Catalogue) -> None:
    """A sentence is short, names its subject, and appears in one entry only."""
    seen: dict[str, str] = {}
    for entry in starter.entries:
        for said in sentences(entry):
            assert len(said) <= 300, (entry.id, said)
            assert not re.match(r"(It|Its|This|They|These|Their|He|She|Such)\b", said), (entry.id, said)
            assert said not in seen, (entry.id, seen[said], said)
            seen[said] = entry.id


def test_the_vectors_that_ship_are_those_of_the_texts_that_ship(starter: Catalogue, embedder: Embedder) -> None:
    """Every text has its vector, and a sample embedded now is equal; `python .ci/starter-vectors` updates them."""
    keys, vectors = generation.stored_vectors(STARTER)
    rows = {key.tobytes(): row for row, key in enumerate(keys)}
    chunker = chunk.Chunker(token_counter())
    texts = [said for entry in starter.entries for said in sentences(entry)]
    texts += [chunk.for_embedding(entry, passage) for entry in starter.entries for passage in chunker.passages(entry)]
    missing = [text for text in texts if generation.vector_key(text) not in rows]
    assert missing == []
    sample = texts[:: len(texts) // 40]
    kept = np.array([vectors[rows[generation.vector_key(text)]] for text in sample], np.float32)
    assert float((kept * embedder.texts(sample)).sum(axis=1).min()) > 0.99


def test_the_examples_that_ship_are_answered(reading_assistant: object) -> None:
    """The examples are the first questions of a new user, so they must be answered."""
    examples = (STARTER / "examples.txt").read_text("utf-8").splitlines()
    assert list(reading_assistant.examples()) == examples  # type: ignore[attr-defined]
