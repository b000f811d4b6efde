"""Runs coroutines outside the test thread, in which the browser tests leave an event loop running."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Made = TypeVar("Made")


def apart(work: Coroutine[Any, Any, Made]) -> Made:
    """Run a coroutine to its end in a separate thread, and return its result."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
