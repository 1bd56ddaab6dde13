"""Runs a coroutine on a thread of its own: that of the test may serve a browser's event loop."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def answered(question: Coroutine[Any, Any, Any]) -> Any:
    """Return what a coroutine returns."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, question).result()
