"""The chat as a visitor meets it: a real server on loopback and a real browser."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

from assistant.settings.settings import Settings
from tests.support.app_server import served
from ui.app import build_app
from ui.security.connections import server_options
from ui.serving.protocols import Almanac

from .visitor import Slow, Visitor

_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def _served(assistant: Almanac, settings: Settings) -> Iterator[str]:
    """The whole application on a free port, as `almanac serve` serves it."""
    with served(build_app(assistant, settings), **server_options(settings)) as address:
        yield f"{address}/"


@pytest.fixture(scope="session")
def url(assistant: Almanac, settings: Settings) -> Iterator[str]:
    """The real assistant's address."""
    with _served(assistant, settings) as address:
        yield address


@pytest.fixture(scope="session")
def slow(assistant: Almanac) -> Slow:
    """The real assistant, which waits for a sign before it answers."""
    return Slow(assistant)


@pytest.fixture(scope="session")
def slow_url(slow: Slow, settings: Settings) -> Iterator[str]:
    """The address of the one that waits."""
    with _served(slow, settings) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a file of tests; each has a context of its own. Its event loop must not outlive the file."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None and not os.environ.get("CI"):
        pytest.skip("no chromium on this machine, and this is not CI: install chromium to run the browser's tests")
    assert program is not None, "CI must have a chromium"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Visitor]:
    """A visitor on a wide screen in the light."""
    with Visitor.on(browser, url) as visitor:
        yield visitor
