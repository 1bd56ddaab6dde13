"""Property tests try the same examples each time; HYPOTHESIS_PROFILE=default tries new ones.

Several processes share the tests. So that they do not all compile the same kernels at once, what
the main job uses is compiled beside them, and the tests that need none come first.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

settings.register_profile("emulated", settings.get_profile("ci"), max_examples=10)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

COMPILE: Final = """
from shinline.app.warming import warm
warm(lambda what, share: None)
"""

POLITE: Final = 5
"""How much longer the tests wait for a processor than what compiles for all of them."""

WITHOUT_KERNELS: Final = ("test_pages_", "test_broker_", "test_home_", "test_python_broker")
BROWSING: Final = "e2e"

_COMPILER: Final = pytest.StashKey[subprocess.Popen[bytes]]()


def pytest_configure(config: pytest.Config) -> None:
    shares = getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput")
    if hasattr(config, "workerinput"):
        os.nice(POLITE)
    if shares and not config.option.collectonly:
        config.stash[_COMPILER] = subprocess.Popen([sys.executable, "-c", COMPILE])


def pytest_unconfigure(config: pytest.Config) -> None:
    compiler = config.stash.get(_COMPILER, None)
    if compiler is not None:
        compiler.kill()
        compiler.wait()


def _turn(item: pytest.Item) -> int:
    """First what runs without kernels, then what is slow, then the many quick ones."""
    if item.path.name.startswith(WITHOUT_KERNELS):
        return 0
    return 1 if BROWSING in Path(item.path).parts else 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)
