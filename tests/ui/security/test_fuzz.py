"""Random and odd requests to every operation: each gets a clear error, and nothing breaks.

The suite makes some of them. All are made by hand, with the number of requests for each operation of the OpenAPI
document, a file with a JSON list of texts, or `own` for those of `naughty.py`, set in the environment:

    FUZZ_EXAMPLES=50 pytest tests/ui/test_fuzz.py -n 0 -k document
    FUZZ_TEXTS=FILE pytest tests/ui/test_fuzz.py -n 0 -k "texts or headers or bodies"
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from assistant.settings.settings import Settings
from ui.app import build_app
from ui.serving.protocols import Almanac

from .naughty_strings import BODIES, EVERY, HEADERS, JSON, READS_HEADERS, TYPES, Place, Sent, doors, in_header, places

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1"))
GIVEN = os.environ.get("FUZZ_TEXTS", "")
_MARKUP = re.compile(r"<script>alert|<img src=x|<svg onload|onerror=alert\(1\)>")
_INSIDE = re.compile(r'Traceback \(most recent|File "/|"code": ?"internal"|-32603')


class _Once:
    """The real assistant with cached answers, because many requests differ in everything but the question."""

    def __init__(self, assistant: Almanac) -> None:
        self._assistant = assistant
        self._said: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        """Cache answers and forward all other calls."""
        value = getattr(self._assistant, name)
        if name not in {"ask", "search", "matching", "related"}:
            return value

        def once(*args: Any, **options: Any) -> Any:
            key = repr((name, args, sorted(options.items())))
            if key not in self._said:
                self._said[key] = value(*args, **options)
            return self._said[key]

        return once


@pytest.fixture(scope="module")
def client(assistant: Almanac, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The whole application with the real assistant and high limits."""
    settings = Settings(
        data=tmp_path_factory.mktemp("fuzzed"), client_per_minute=10**6, embed_origins=("https://site.example",)
    )
    app = build_app(_Once(assistant), settings)
    # By this name the tools for other programs let in whoever comes, as on anybody's own machine.
    with TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def answer_id(client: TestClient) -> str:
    """The id of an answer that this server gave."""
    return str(client.post("/api/ask", json={"question": "What is RLHF?"}).json()["id"])


def _texts() -> Sequence[str]:
    if GIVEN in {"", "own"}:
        return EVERY
    found: list[str] = json.loads(Path(GIVEN).read_text("utf-8"))
    return found


def _send(client: TestClient, sent: Sent) -> Any:
    return client.request(
        sent.method, sent.address, content=sent.content, headers=dict(sent.headers), follow_redirects=False
    )


def _faults(client: TestClient, requests_: Iterable[tuple[Sent, object]]) -> tuple[list[str], int]:
    """Collects findings and counts responses, so that a long run does not stop at the first finding."""
    faults, done = [], 0
    for sent, what in requests_:
        done += 1
        try:
            _assert_whole(_send(client, sent), what)
        except Exception as error:  # noqa: BLE001 -- all of them are shown
            faults.append(f"{what}: {type(error).__name__} {str(error)[:300]}")
    return faults, done


def _assert_whole(response: Any, what: object) -> None:
    """A response is no server error, reveals no internals, contains no injected markup, and has all security headers."""
    shown = response.text
    assert response.status_code < 500, (what, shown[:500])
    assert not _INSIDE.search(shown), (what, shown[:500])
    assert response.headers["x-content-type-options"] == "nosniff", what
    kind = response.headers.get("content-type", "")
    if kind.startswith("text/html"):
        assert not _MARKUP.search(shown), what
    elif response.status_code >= 400 and "/gradio_api/" not in str(response.url):  # Gradio's own client reads those
        assert kind.startswith("application/json"), (what, kind)
        value = response.json()
        assert set(value) == {"error"} or "jsonrpc" in value, (what, shown[:500])


def test_every_route_has_a_door_here(client: TestClient) -> None:
    """New routes and new parameters must be in the list of operations."""
    known = {door.path for door in doors()}
    described = client.get("/openapi.json").json()["paths"]
    assert described.keys() <= known
    routers = [getattr(route, "original_router", None) for route in client.app.routes]  # type: ignore[attr-defined]
    assert {route.path for router in routers if router for route in router.routes} <= known
    for path, operations in described.items():
        for method, operation in operations.items():
            ours = [door for door in doors() if (door.method.lower(), door.path) == (method, path)]
            named = {one["name"] for one in operation.get("parameters", ()) if one["in"] in {"path", "query"}}
            assert ours, (method, path)
            assert all(named <= {*door.query, *door.parts} for door in ours), (method, path)


def test_what_the_document_allows_and_forbids_is_met_as_it_says(client: TestClient, answer_id: str) -> None:
    """Schemathesis generates requests that match the OpenAPI document and others that do not: no 5xx, and responses match it."""
    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    turn, seen, faults = count(), Counter[str](), []
    known = {"entry_id": "rlhf", "answer_id": answer_id, "name": "almanac", "model": "almanac"}

    def sent(case: Any) -> Any:
        if next(turn) % 2:  # ids that mean nothing are found out early; with known ones the rest is read too
            for values in (case.path_parameters, case.body):
                if isinstance(values, dict):
                    values.update({name: value for name, value in known.items() if name in values})
        said = case.as_transport_kwargs(base_url="http://127.0.0.1:7860")
        wire = requests.Request(**{name: said[name] for name in said.keys() & _SAID}).prepare()
        return client.request(str(wire.method), str(wire.url), headers=dict(wire.headers), content=wire.body)

    for operation in (result.ok() for result in schema.get_all_operations()):
        takes = bool(list(operation.iter_parameters()) or operation.body)
        for mode in GenerationMode if takes else [GenerationMode.POSITIVE]:
            if mode is GenerationMode.NEGATIVE and operation.path in _ANY_TEXT:
                continue

            @_quick(EXAMPLES)
            @given(case=operation.as_strategy(generation_mode=mode))
            def run(case: Any) -> None:
                response = sent(case)
                seen[f"{response.status_code // 100}xx"] += 1
                _assert_whole(response, case)
                streamed = response.headers.get("content-type", "").startswith("text/event-stream")
                case.validate_response(response, checks=[not_a_server_error] if streamed else _CHECKS)

            try:
                run()
            except Exception as error:  # noqa: BLE001 -- all of them are shown, not the first alone
                faults.append(f"{operation.label} ({mode.value}): {error}")
    print(dict(seen))  # noqa: T201 -- shown where it is run by hand
    assert not faults, "\n\n".join(faults)
    assert seen["2xx"]
    assert seen["4xx"]


_CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance]
_SAID = {"method", "url", "params", "headers", "json", "data", "files", "cookies"}
_ANY_TEXT = {"/entries/{entry_id}.json", "/v1/models/{name}"}
"""Their only parameter accepts any text, so no request is invalid."""


def _quick(examples: int) -> Any:
    return hypothesis_settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


def test_naughty_texts_break_nothing_wherever_they_are_put(client: TestClient, answer_id: str) -> None:
    """Every parameter of every route gets texts in turn, so that each text is used somewhere."""
    texts, turn = _texts(), count()
    every = [place for door in doors(answer_id) for place in places(door)]
    faults, done = _faults(
        client,
        (
            (place.holding(text), (place.label, text[:80]))
            for place in every
            for text in (_given(texts, place) if GIVEN else [texts[next(turn) * 7 % len(texts)]])
        ),
    )
    print(f"{done:,} requests, {len(texts)} texts, {len(every)} places, {len(faults)} faults")  # noqa: T201
    assert not faults, "\n".join(faults[:_SHOWN])
    assert done >= len(every)


_SHOWN = 40
"""The most findings that are printed."""


def _given(texts: Sequence[str], place: Place) -> Sequence[str]:
    """All texts for a parameter; every fifth for nested values and unknown names."""
    return texts if len(place.at) == 1 or place.where in {"path", "query"} else texts[::5]


def test_naughty_headers_break_nothing(client: TestClient) -> None:
    """Headers about the client are not trusted, and odd values cause no error."""
    texts, turn = _texts(), count()
    faults, done = _faults(
        client,
        (
            (in_header(path, name, text), (path, name, text[:80]))
            for name in HEADERS
            for path in READS_HEADERS
            for text in (texts[::5] if GIVEN else [texts[next(turn) * 7 % len(texts)]])
        ),
    )
    print(f"{done:,} requests, {len(faults)} faults")  # noqa: T201
    assert not faults, "\n".join(faults[:_SHOWN])


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_bodies_that_are_no_good_json_break_nothing(client: TestClient, body: bytes) -> None:
    """Bodies of any kind where JSON is expected."""
    for path in sorted({door.path for door in doors() if door.method == "POST" and "{" not in door.path}):
        for kind in TYPES if GIVEN else TYPES[:1]:
            sent = Sent("POST", path, body, JSON | {"content-type": kind.encode("latin-1")})
            _assert_whole(_send(client, sent), (path, kind, body[:60]))
