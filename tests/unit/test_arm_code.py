"""The code for a Pi adds and multiplies as that for this machine: nothing is fused.

A fused multiply-add rounds once where two operations round twice, so a detection would differ in
its last bits between machines. LLVM fuses only what carries the flag ``contract``, and does so
last, when it chooses instructions: the choice for the Pi's processors is read here, on any machine.
"""

import os
import re
from typing import Any, Final

import llvmlite.binding as llvm
import numba
import pytest

from shinline.app.kernel_list import Listed, listed

TRIPLE: Final = "aarch64-unknown-linux-gnu"
FUSED: Final = re.compile(r"\t(fn?m(?:add|sub|la|ls))\t")
HALVES: Final = re.compile(r"\t(f(?:mul|add))\t")
DEEP: Final = ("smooth_axis", "look")
WHOLE_STAGES: Final = (
    "step",
    "observe",
    "fit_rim",
    *(pytest.param(name, marks=pytest.mark.deep) for name in DEEP),
)
"""Kernels that together have all others of their stages linked in."""

pytestmark = pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT", "0") != "0", reason="nothing is compiled in this run"
)


def optimised(each: Listed) -> str:
    """Return LLVM's code of a kernel and of all it calls, compiled anew: a cached one has none."""
    jit: Any = numba.njit(nogil=True, error_model="numpy")
    again = jit(each.kernel.py_func)
    again.compile(each.signature)
    return str(again.inspect_llvm(again.signatures[0]))


def assembly(code: str, processor: str) -> str:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(TRIPLE).create_target_machine(
        cpu=processor, opt=3, reloc="static"
    )
    code = re.sub(r"(?m)^target (datalayout|triple) = .*$", "", code)
    code = re.sub(r'"target-(cpu|features)"="[^"]*"', "", code)
    # Where this machine counts references with an instruction of its own, call something instead.
    code = re.sub(r"@llvm\.x86\.", "@", code).replace(" immarg", "")
    module = llvm.parse_assembly(code)
    module.triple = TRIPLE
    module.data_layout = str(machine.target_data)
    return machine.emit_assembly(module)


@pytest.mark.parametrize("name", WHOLE_STAGES)
def test_no_kernel_fuses_what_it_multiplies_and_adds(name: str) -> None:
    (each,) = (each for each in listed() if each.name == name)
    code = optimised(each)
    for processor in ("cortex-a53", "cortex-a72", "cortex-a76"):  # Pi 3 and Zero 2 W; 4; 5
        made = assembly(code, processor)
        assert HALVES.search(made)
        assert not FUSED.findall(made)


def test_what_may_be_fused_is_and_is_found() -> None:
    """The same code with the flag: otherwise the test above could not fail."""
    (each,) = (each for each in listed() if each.name == "observe")
    allowed = re.sub(r"= (fmul|fadd|fsub) ", r"= \1 contract ", optimised(each))
    assert FUSED.search(assembly(allowed, "cortex-a72"))
