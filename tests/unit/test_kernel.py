"""The one JIT decorator."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from shinline import __version__, kernel
from shinline.motion import kalman_kernels
from shinline.vision import plate_kernels, ring_kernels, steady_kernels

STAGES = (kalman_kernels, plate_kernels, ring_kernels, steady_kernels)


def test_the_cache_is_kept_per_release_and_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    folder = kernel.cache_dir()
    assert folder.is_relative_to("/somewhere/shinline")
    assert __version__ in folder.name
    assert f"py{sys.version_info.major}{sys.version_info.minor}" in folder.name


def test_without_a_cache_home_it_is_below_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert kernel.cache_dir().is_relative_to(Path.home() / ".cache")


@pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT", "0") != "0", reason="nothing is compiled in this run"
)
@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_every_kernel_is_compiled_without_fast_arithmetic_or_threads(stage: object) -> None:
    """Either would break replay to the last bit."""
    kernels = [f for f in vars(stage).values() if isinstance(f, numba.core.dispatcher.Dispatcher)]
    assert kernels
    for function in kernels:
        options = function.targetoptions
        assert not options.get("fastmath")
        assert not options.get("parallel")
        assert options["nogil"]


def test_a_cache_folder_that_is_set_is_respected(tmp_path: Path) -> None:
    """Asked in a new process, because Numba reads its settings once."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    code = "import shinline.kernel, numba; print(numba.config.CACHE_DIR)"
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == str(tmp_path)
