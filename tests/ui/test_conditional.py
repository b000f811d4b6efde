"""Conditional GET: what a client that has the current version gets."""

from datetime import UTC, datetime

import pytest
from starlette.requests import Request
from starlette.responses import Response

from ui.conditional import CatalogueAge, CatalogueTags, conditional

_ETAG = 'W/"current"'
_MODIFIED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def _request(path: str = "/feed", query: str = "", host: str = "almanac.example", **headers: str) -> Request:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "scheme": "https", "server": (host, 443), "path": path, "root_path": ""}
    return Request({**scope, "query_string": query.encode(), "headers": [(b"host", host.encode()), *pairs]})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"if_none_match": _ETAG}, 304),
        ({"if_none_match": '"current"'}, 304),
        ({"if_none_match": '"other", W/"current"'}, 304),
        ({"if_none_match": "*"}, 304),
        ({"if_none_match": '"other"'}, 200),
        ({"if_none_match": '"curr"'}, 200),
        ({"if_none_match": '"other"', "if_modified_since": "Fri, 02 Jan 2026 03:04:05 GMT"}, 200),
        ({"if_modified_since": "Fri, 02 Jan 2026 03:04:05 GMT"}, 304),
        ({"if_modified_since": "Fri, 02 Jan 2026 03:04:04 GMT"}, 200),
        ({"if_modified_since": "yesterday"}, 200),
    ],
)
def test_a_client_with_the_current_version_gets_304(headers: dict[str, str], status: int) -> None:
    """By its ETag, or without one by its time; both responses have the same validators."""
    response = conditional(_request(**headers), _ETAG, lambda: Response("body"), modified=_MODIFIED)
    assert response.status_code == status
    assert (response.headers["etag"], response.headers["cache-control"]) == (_ETAG, "no-cache")
    assert response.headers["last-modified"] == "Fri, 02 Jan 2026 03:04:05 GMT"


def test_the_response_is_not_made_for_a_304() -> None:
    """A client that has the answer costs no answer."""

    def make() -> Response:
        raise AssertionError

    assert conditional(_request(if_none_match=_ETAG), _ETAG, make).status_code == 304


def test_an_error_is_never_not_modified() -> None:
    """Even if its ETag is known."""
    response = conditional(_request(if_none_match="*"), _ETAG, lambda: Response("no", 404), cacheable=False)
    assert (response.status_code, response.body) == (404, b"no")


def test_an_etag_depends_on_everything_that_the_response_depends_on() -> None:
    """But not on the order of the parameters."""
    tags = CatalogueTags("minilm")
    same = {tags.etag(_request(query=query), "hash") for query in ("a=1&b=2", "b=2&a=1")}
    others = {
        tags.etag(_request(query="a=1&b=3"), "hash"),
        tags.etag(_request(query="a=1&b=2", path="/other"), "hash"),
        tags.etag(_request(query="a=1&b=2", host="other.example"), "hash"),
        tags.etag(_request(query="a=1&b=2"), "other"),
        tags.etag(_request(query="a=1&b=2"), "hash", day="2026-01-02"),
        CatalogueTags("none").etag(_request(query="a=1&b=2"), "hash"),
    }
    assert len(same) == 1
    assert len(others | same) == 7


def test_a_catalogue_is_as_old_as_the_server_until_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of a change is when its first request comes."""
    times = iter(datetime(2026, 1, day, tzinfo=UTC) for day in (1, 5))
    monkeypatch.setattr("ui.conditional.now", lambda: next(times))
    age = CatalogueAge()
    assert [age.unchanged_since(digest).day for digest in ("a", "a", "b", "b")] == [1, 1, 5, 5]
