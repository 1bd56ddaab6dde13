"""Mutation testing of the coach: change one thing in it, and see whether a test notices.

``python tests/mutants.py --minutes 30`` takes one mutant after the other, in a random order that a
seed fixes, and prints those that no test noticed. Numbers of modules count as much as what stands
in functions, for most of the coach's rules are numbers. Each mutant runs in a fork of a process
that has everything imported, with the tests that call the function it is in (of a module's own
number: that call anything in the module, or in one that imports it), until the first fails.

Kernels are left out: they are compiled, and have slow twins (``tests/properties``).
"""

import argparse
import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import re
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType, ModuleType

import pytest

ROOT = Path(__file__).parents[1]
COACH = ROOT / "src" / "shinline" / "coach"
TESTS_ROOT = ROOT / "tests"
SKIPPED = ("__init__.py", "floor_kernels.py", "gauge.py", "segment.py", "rest.py", "floor.py")
"""Kernels, and what has its own tests elsewhere and is not about faults."""

TESTS = (
    "unit/test_faults*.py",
    "unit/test_speaker*.py",
    "unit/test_cues.py",
    "unit/test_setup*.py",
    "unit/test_tally.py",
    "unit/test_coach_asking.py",
    "unit/test_advice.py",
    "unit/test_lifts.py",
    "unit/test_legs.py",
    "unit/test_body.py",
    "unit/test_moments.py",
    "unit/test_hips.py",
    "unit/test_assemble.py",
    "unit/test_numbers.py",
    "properties/test_coach_numbers.py",
    "unit/test_engine_coach.py",
    "unit/test_engine_rows.py",
    "unit/test_engine_lifts.py",
    "unit/test_engine_trouble.py",
    "unit/test_engine_stamps.py",
)
PURGED = tuple(f"shinline.{name}" for name in ("coach", "engine", "referee", "replay", "app"))
KEPT = ("shinline.coach.floor_kernels",)
"""What a fork imports anew, and what it need not: compiling takes long."""

MOST_S = 120.0
AT_FIRST = 12
"""Tests that are run by themselves: most changes are noticed by these."""

MOST_TESTS = 90
"""So many find nearly all; what they leave alive is tried with all tests by ``--again``."""

NOISE = ("title", "slots", "frozen", "ClassVar")

NEGATED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
EDGES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
SWAPPED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


@dataclass(frozen=True)
class Mutant:
    """One change: the ``index``-th of its kinds in a file, in a function or outside of all."""

    file: Path
    index: int
    kind: str
    line: int
    function: str
    was: str
    now: str


class _Mutator(ast.NodeTransformer):
    """Walk through all possible changes; make the one that is wanted."""

    def __init__(self, file: Path, wanted: int = -1) -> None:
        self.file = file
        self.wanted = wanted
        self.found: list[Mutant] = []
        self._functions: list[str] = []

    def _offer(self, node: ast.expr, kind: str, changed: ast.expr) -> ast.expr:
        ast.copy_location(changed, node)
        where = self._functions[0] if self._functions else ""
        was, now = ast.unparse(node), ast.unparse(changed)
        self.found.append(Mutant(self.file, len(self.found), kind, node.lineno, where, was, now))
        return changed if len(self.found) - 1 == self.wanted else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self._functions.append(node.name)
        node.body = [self.visit(child) for child in node.body]
        self._functions.pop()
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [self.visit(child) for child in node.body]
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """A type, as ``tuple[int, ...]``, is nothing to change."""
        if isinstance(node.value, ast.Name) and node.value.id in ("dict", "list", "tuple", "Final"):
            return node
        return self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        result: ast.expr = node
        for table, kind in ((NEGATED, "comparison"), (EDGES, "edge")):
            if len(node.ops) == 1 and type(node.ops[0]) in table:
                changed = copy.copy(node)
                changed.ops = [table[type(node.ops[0])]()]
                offered = self._offer(node, kind, changed)
                result = result if offered is node else offered
        return result

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if type(node.op) not in SWAPPED:
            return node
        changed = copy.copy(node)
        changed.op = SWAPPED[type(node.op)]()
        return self._offer(node, "arithmetic", changed)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not | ast.USub | ast.Invert):
            return self._offer(node, "arithmetic", copy.copy(node.operand))
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        changed = copy.copy(node)
        changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return self._offer(node, "boolean", changed)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value
        if isinstance(value, bool):
            return self._offer(node, "boolean", ast.Constant(not value))
        if isinstance(value, int):
            return self._offer(node, "constant", ast.Constant(value + 1))
        if isinstance(value, float):
            return self._offer(node, "constant", ast.Constant(1.3 * value if value else 1.0))
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        if node.value is None:
            return node
        node.value = self.visit(node.value)
        if isinstance(node.value, ast.Constant):
            return node
        node.value = self._offer(node.value, "return", ast.Constant(None))
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        return node if node.arg in NOISE else self.generic_visit(node)


def mutants_of(file: Path) -> list[Mutant]:
    """Return all changes that can be made to a file."""
    mutator = _Mutator(file)
    mutator.visit(ast.parse(file.read_text(encoding="utf-8")))
    return mutator.found


def mutated(mutant: Mutant) -> ast.Module:
    """Return the module with the change made."""
    tree = ast.parse(mutant.file.read_text(encoding="utf-8"))
    changed = _Mutator(mutant.file, mutant.index).visit(tree)
    return ast.fix_missing_locations(changed)  # type: ignore[no-any-return]


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module with its change."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        inside = mutant.file.relative_to(ROOT / "src").with_suffix("")
        self._name = ".".join(inside.parts)

    def find_spec(
        self, name: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self._name:
            return None
        return importlib.util.spec_from_file_location(name, self._mutant.file, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(mutated(self._mutant), str(self._mutant.file), "exec"), module.__dict__)


# --- which test calls what --------------------------------------------------------------------


class _Calls:
    """A pytest plugin: notes which test calls which function of the coach, and how long it is."""

    def __init__(self) -> None:
        self.by_function: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.took_s: dict[str, float] = {}
        self.failed = False
        self._now = ""

    def _profile(self, frame: FrameType, event: str, arg: object) -> None:
        code = frame.f_code
        if event == "call" and "/shinline/coach/" in code.co_filename:
            outer = code.co_qualname.split(".<locals>")[0].split(".")[-1]
            self.by_function[code.co_filename, outer].add(self._now)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._now, begin = item.nodeid, time.perf_counter()
        sys.setprofile(self._profile)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            self.took_s[item.nodeid] = time.perf_counter() - begin

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed


def importers(file: Path) -> list[Path]:
    """Return the files of the coach that import from one."""
    name = re.escape(".".join(file.relative_to(ROOT / "src").with_suffix("").parts))
    package, _, last = name.rpartition(r"\.")
    pattern = re.compile(rf"from {name} import|from {package} import [^)]*\b{last}\b")
    return [each for each in COACH.rglob("*.py") if pattern.search(each.read_text())]


def tests_for(mutant: Mutant, calls: _Calls) -> list[str]:
    """Return the tests that may notice a change: those that name its file, then the quickest."""
    found: set[str] = set()
    if mutant.function:
        found |= calls.by_function.get((str(mutant.file), mutant.function), set())
    else:
        files = {str(each) for each in (mutant.file, *importers(mutant.file))}
        for (file, _), tests in calls.by_function.items():
            if file in files:
                found |= tests
    stem = mutant.file.stem
    return sorted(found, key=lambda test: (stem not in test, calls.took_s[test], test))


# --- running ----------------------------------------------------------------------------------


def _quietly(arguments: list[str], plugins: list[object]) -> int:
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        plain = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header"]
        return int(pytest.main([*plain, *arguments], plugins))


def survives(mutant: Mutant, tests: list[str], most: int = MOST_TESTS) -> bool:
    """Tell whether tests pass with the change made: a few first, then up to the ``most``."""
    parts = (tests[:AT_FIRST], tests[AT_FIRST:most])
    return all(_passes(mutant, part) for part in parts if part)


def _forget() -> None:
    """Forget what is to be imported anew: the coach, who uses it, and everything of the tests."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        ours = name.startswith(PURGED) or file.startswith(str(ROOT / "tests"))
        if ours and name not in (*KEPT, "__main__", __name__):
            del sys.modules[name]


def _passes(mutant: Mutant, tests: list[str]) -> bool:
    """Tell whether tests pass in a fork with the change made; too long is noticed."""
    child = os.fork()
    if not child:
        os.chdir(ROOT)
        _forget()
        sys.meta_path.insert(0, _Finder(mutant))
        code = 1
        try:
            code = _quietly(tests, [])
        finally:
            os._exit(code)
    until = time.monotonic() + MOST_S
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--only", default="", help="part of a file's name")
    parser.add_argument("--again", type=Path, help="a former answer: only what it left alive")
    asked = parser.parse_args()
    before = asked.again.read_text(encoding="utf-8") if asked.again else None
    end = time.monotonic() + 60.0 * asked.minutes
    sys.path[:0] = [str(TESTS_ROOT / "unit")]
    calls = _Calls()
    files = [str(file) for pattern in TESTS for file in sorted(TESTS_ROOT.glob(pattern))]
    pytest.main(["-q", "-p", "no:cacheprovider", "--no-header", *files], [calls])
    if calls.failed:
        raise SystemExit("expected all tests to pass without a change")
    sources = [f for f in sorted(COACH.rglob("*.py")) if f.name not in SKIPPED]
    everything = [m for file in sources if asked.only in str(file) for m in mutants_of(file)]
    random.Random(asked.seed).shuffle(everything)
    if before is not None:
        everything = [mutant for mutant in everything if _told(mutant) in before]
    same = replace(everything[0], index=-2)
    if not survives(same, tests_for(same, calls)):
        raise SystemExit("expected a change that is none to go unnoticed")
    tried: Counter[str] = Counter()
    alive: list[Mutant] = []
    for mutant in everything:
        if time.monotonic() > end:
            break
        tests = tests_for(mutant, calls)
        tried[mutant.kind] += 1
        if not tests or survives(mutant, tests, 10_000 if before else MOST_TESTS):
            alive.append(mutant)
            print(_row(mutant, len(tests)), flush=True)
    lived = Counter(mutant.kind for mutant in alive)
    print(f"\n{sum(tried.values())} of {len(everything)} mutants tried, {len(alive)} not noticed")
    for kind, count in sorted(tried.items()):
        print(f"{kind}: {count} tried, {lived[kind]} not noticed")


def _told(mutant: Mutant) -> str:
    where = f"{mutant.file.relative_to(COACH)}:{mutant.line} {mutant.function or '(module)'}"
    return f"| {where} | {mutant.kind} | `{mutant.was}` | `{mutant.now}` |"


def _row(mutant: Mutant, tests: int) -> str:
    return f"{_told(mutant)} {tests} |"


if __name__ == "__main__":
    main()
