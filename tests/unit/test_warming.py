"""Kernels compiled ahead: the list is complete, the order is right, the cache survives damage."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shinline.app import startup, warming
from shinline.app.kernel_list import called_by, listed
from shinline.kernel import is_cached

pytestmark = pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT", "0") != "0", reason="nothing is compiled in this run"
)

SMALL = "sound"
"""A kernel that calls no other and is quickly compiled."""


def test_the_list_has_every_kernel_that_the_loop_calls() -> None:
    """Those called from Python with the same arguments; those they call, by name."""
    every = listed()
    names = {(each.module, each.name) for each in every}
    code = (  # in a process of its own: other tests call the kernels with other arguments
        "from shinline.app.kernel_list import compiled, run_both; run_both()\n"
        "for each in compiled(): print(each.line)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    used = set(done.stdout.splitlines())
    assert len(used) > 15
    assert used <= {each.line for each in every}
    for each in every:
        assert {(each.module, name) for name in called_by(each.kernel)} <= names, each.name


def test_nothing_in_the_list_is_compiled_twice() -> None:
    """But for pictures of two layouts, of which the plate's are."""
    every = [(each.module, each.name) for each in listed()]
    twice = {name for module, name in every if every.count((module, name)) > 1}
    assert twice == {"box_decimate", "circle_support", "gradient"}


def test_a_kernel_comes_after_all_that_it_calls() -> None:
    ranks = warming._ranks(listed())
    for each in listed():
        for callee in warming._callees(each):
            assert ranks[callee] > ranks[each.module, each.name]


def _in_a_cache(folder: Path, code: str) -> str:
    head = (
        "from shinline.app.kernel_list import listed\n"
        "from shinline.kernel import is_cached\n"
        f"each = next(each for each in listed() if each.name == {SMALL!r})\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", head + code], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.deep
def test_what_a_cut_of_power_left_is_compiled_again(tmp_path: Path) -> None:
    compile_it = (
        "each.kernel.compile(each.signature); print(is_cached(each.kernel, each.signature))"
    )
    ask = "print(is_cached(each.kernel, each.signature))"
    assert _in_a_cache(tmp_path, ask).strip() == "False"
    assert _in_a_cache(tmp_path, compile_it).strip() == "True"
    assert _in_a_cache(tmp_path, ask).strip() == "True"
    for ending in ("nbc", "nbi"):
        (file,) = tmp_path.rglob(f"*{SMALL}*.{ending}")
        file.write_bytes(file.read_bytes()[:40])
        assert _in_a_cache(tmp_path, ask).strip() == "False"
        assert _in_a_cache(tmp_path, compile_it).strip() == "True"


def test_code_of_another_processor_counts_as_missing_and_is_kept(tmp_path: Path) -> None:
    """As on a card that moves to another Pi, and back."""
    compile_it = "each.kernel.compile(each.signature)"
    ask = "print(is_cached(each.kernel, each.signature))"
    other = "import numba; numba.config.CPU_NAME, numba.config.CPU_FEATURES = 'x86-64', ''\n"
    if os.uname().machine != "x86_64":
        other = other.replace("x86-64", "cortex-a53")
    _in_a_cache(tmp_path, compile_it)
    moved = "import os\n" + other
    assert _in_a_cache(tmp_path, moved + ask).strip() == "False"
    _in_a_cache(tmp_path, moved + compile_it)
    assert _in_a_cache(tmp_path, ask).strip() == "True"
    assert _in_a_cache(tmp_path, moved + ask).strip() == "True"


def test_no_more_processes_than_there_is_memory_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Pi Zero 2 W has four cores and half a gigabyte."""
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:  480000 kB\nMemAvailable:  300000 kB\n")
    assert warming._available_mb(meminfo) == 292
    monkeypatch.setattr(warming, "_available_mb", lambda: 292)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1, 2, 3})
    assert warming._processes() == 1
    monkeypatch.setattr(warming, "_available_mb", lambda: 3000)
    assert warming._processes() == 4


def systemd(began_us: int, ready_us: int, could_us: int = 9_000_000) -> Callable[[str], str]:
    """Answer as ``systemctl show`` does."""

    def ask(unit: str) -> str:
        if unit == startup.BEFORE:
            return f"ActiveEnterTimestampMonotonic={could_us}\n"
        assert unit == startup.UNIT
        times = f"ExecMainStartTimestampMonotonic={began_us}\n"
        return f"Type=notify\n{times}ActiveEnterTimestampMonotonic={ready_us}\n"

    return ask


def test_when_the_service_could_start_is_read_from_systemd() -> None:
    assert startup.boot_s(systemd(0, 0)) == 9.0
    assert startup.boot_s(systemd(0, 0, could_us=0)) is None
    assert startup.boot_s(lambda _unit: "") is None


@pytest.mark.parametrize(
    ("began_us", "ready_us", "took_s", "ready_s"),
    [
        (9_250_000, 15_500_000, 6.25, 15.5),
        (99_250_000, 105_500_000, 6.25, None),  # started again since the boot
    ],
)
def test_how_long_the_last_start_took_is_read_from_systemd(
    began_us: int, ready_us: int, took_s: float, ready_s: float | None
) -> None:
    last = startup.last_start(systemd(began_us, ready_us))
    assert last == startup.LastStart(took_s=took_s, ready_s=ready_s)


@pytest.mark.parametrize(
    ("began_us", "ready_us"), [(0, 0), (9_000_000, 0), (90_000_000, 15_000_000)]
)
def test_a_service_that_is_not_ready_has_no_last_start(began_us: int, ready_us: int) -> None:
    assert startup.last_start(systemd(began_us, ready_us)) is None


def test_a_start_is_measured_by_starting() -> None:
    warming.warm(lambda what, share: None)
    measured = startup.startup_estimate()
    assert measured.kernels_missing == 0
    assert measured.imports_s > 0.0
    assert measured.kernels_s > 0.0
    parts = measured.interpreter_s + measured.imports_s + measured.check_s + measured.kernels_s
    assert measured.program_s == pytest.approx(parts)


def test_what_is_in_the_cache_is_not_compiled_again() -> None:
    warming.warm(lambda what, share: None)
    assert warming.missing() == []
    assert warming.warm(lambda what, share: None).compiled == 0
    assert all(is_cached(each.kernel, each.signature) for each in listed()[:3])
