"""What is taken from the machine is given back, and what it refuses is told."""

import gc
import os
import resource
import subprocess
import sys
import threading
import weakref

import pytest

from shinline_pi import realtime
from shinline_pi.realtime import RealTime


def test_the_interpreter_is_left_as_it_was_found() -> None:
    switch_s, frozen = sys.getswitchinterval(), gc.get_freeze_count()
    real = RealTime()
    real.begin()
    assert not gc.isenabled()
    assert gc.get_freeze_count() > frozen
    assert sys.getswitchinterval() < switch_s
    real.rest()
    real.begin()
    real.close()
    real.close()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    assert sys.getswitchinterval() == switch_s


def test_limits_that_offer_nothing_are_told_and_no_error() -> None:
    real = RealTime()
    said = real.begin()
    real.close()
    assert len(said) == 3
    for limit, name in ((resource.RLIMIT_RTPRIO, "RTPRIO"), (resource.RLIMIT_MEMLOCK, "MEMLOCK")):
        if resource.getrlimit(limit)[0] == 0:
            assert any(name in line for line in said)


CHILD = """
import os, resource, threading
resource.getrlimit = lambda _which: (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
from shinline_pi.realtime import RealTime
real = RealTime()
print(*real.begin(), sep="; ")
policies = [os.sched_getscheduler(0) & ~0x40000000]
thread = threading.Thread(target=lambda: policies.append(os.sched_getscheduler(0)))
thread.start(); thread.join()
real.rest()
policies.append(os.sched_getscheduler(0) & ~0x40000000)
locked = next(l for l in open("/proc/self/status") if l.startswith("VmLck")).split()[1]
real.close()
print(policies, int(locked) > 0)
"""


@pytest.mark.skipif(not hasattr(os, "SCHED_FIFO"), reason="this system has no FIFO scheduling")
def test_a_service_whose_limits_allow_it_runs_first_and_stays_in_memory() -> None:
    ran = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    said, measured = ran.stdout.splitlines()
    if "FIFO 20" not in said or "memory: locked" not in said:
        pytest.skip(f"this kernel refuses: {said}")
    fifo, ordinary = os.SCHED_FIFO, os.SCHED_OTHER
    assert measured == f"{[fifo, ordinary, ordinary]} True"  # threads do not inherit it


class Cores:
    """A machine of four cores that remembers where each thread was sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: dict[int, set[int]] = {}
        monkeypatch.setattr(os, "sched_getaffinity", lambda _thread: {0, 1, 2, 3})
        monkeypatch.setattr(os, "sched_setaffinity", self.sent.__setitem__)


def test_on_four_cores_the_loop_has_one_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    cores = Cores(monkeypatch)
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    real = RealTime()
    said = real.begin()
    assert cores.sent[0] == {3}
    assert cores.sent[other.native_id or 0] == {0, 1, 2}
    assert threading.get_native_id() not in cores.sent
    assert "core 3" in said[0]
    cores.sent.clear()
    late = threading.Thread(target=stop.wait)
    late.start()
    real.part()
    assert cores.sent[late.native_id or 0] == {0, 1, 2}
    real.rest()
    assert cores.sent[0] == {0, 1, 2, 3}
    real.close()
    assert cores.sent[other.native_id or 0] == {0, 1, 2, 3}
    stop.set()
    other.join()
    late.join()


def test_a_system_that_lets_nobody_choose_a_core_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: int, _cores: set[int]) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_getaffinity", lambda _thread: {0, 1, 2, 3})
    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    real = RealTime()
    said = real.begin()
    real.close()
    assert said[0] == "cores: shared, the system does not let us choose"


def test_garbage_is_left_for_a_quiet_moment_unless_there_is_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda: found.append(1))
    real = RealTime()
    real.collect(anyway=False)
    assert found == []
    real.collect(anyway=True)
    assert found == [1]
    monkeypatch.setattr(gc, "get_count", lambda: (realtime.GARBAGE_MOST + 1, 0, 0))
    real.collect(anyway=False)
    assert found == [1, 1]


def test_a_session_that_is_over_is_not_kept_for_having_been_there_at_its_begin() -> None:
    """A loop and what it calls hold one another: only the collector can let go of them."""

    class Loop:
        itself: "Loop"

    loop, real = Loop(), RealTime()
    loop.itself = loop
    gone = weakref.ref(loop)
    real.begin()
    real.rest()
    del loop
    gc.collect()  # as between two sessions
    assert gone() is None
    real.close()


def test_with_the_compiler_s_memory_given_back_it_compiles_all_the_same() -> None:
    """How much is given back is the kernel's choice: pages that another process has stay."""
    child = """
import numba
from shinline.app import machine
from shinline_pi.realtime import RealTime
numba.njit(lambda x: x + 1)(1)
before_mb = machine.resident_mb()
real = RealTime()
real.begin()
given_mb = before_mb - machine.resident_mb()
print(given_mb, numba.njit(lambda x: x * 3)(14))
real.close()
"""
    ran = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    given_mb, answer = ran.stdout.split()
    assert int(answer) == 42
    assert float(given_mb) > -5.0
