"""Event loops of their own: the browser's tests leave one running in the thread that the tests run in."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Made = TypeVar("Made")


def apart(work: Coroutine[Any, Any, Made]) -> Made:
    """What a coroutine gives, run to its end in a thread of its own."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
