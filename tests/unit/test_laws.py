"""The laws of the house that a machine can check."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (
    ROOT / "src" / "shinline",
    ROOT / "firmware" / "shinline_pi",
    ROOT / "calibration" / "shinline_cal",
)
FILES = sorted(file for package in PACKAGES for file in package.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MOST_LINES = 400
CORE = (
    "dtypes",
    "events",
    "types",
    "geometry",
    "vision",
    "motion",
    "coach",
    "engine",
    "eye",
    "referee",
)


def _contracts() -> list[dict[str, Any]]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contracts: list[dict[str, Any]] = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    return contracts


def _imported(file: Path) -> set[str]:
    """Return the top names of all modules that a file imports, at any depth."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def _core_files() -> list[Path]:
    root = PACKAGES[0]
    inside = [file.relative_to(root) for file in FILES if file.is_relative_to(root)]
    return [root / file for file in inside if file.parts[0].removesuffix(".py") in CORE]


def test_import_contracts_hold() -> None:
    """One direction, rooms that do not know each other, a core without clock or devices."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    said = subprocess.run(
        [*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr


def test_every_module_has_its_place_in_a_layer() -> None:
    layers = next(c for c in _contracts() if c["type"] == "layers")["layers"]
    placed = {name.strip() for layer in layers for name in layer.replace(":", "|").split("|")}
    placed = {name.strip("()").removeprefix("shinline.") for name in placed}
    here = {
        path.stem if path.suffix == ".py" else path.name
        for path in PACKAGES[0].iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert here - {"__init__"} <= placed


SHORT = [file for file in [*FILES, *TESTS] if not file.stem.endswith("_kernels")]
"""A stage's kernels share one file: Numba's cache does not notice helpers changed in another."""


@pytest.mark.parametrize("file", SHORT, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_file_is_longer_than_a_mind_holds(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_the_core_reaches_for_no_clock_chance_thread_or_device() -> None:
    rules = [c for c in _contracts() if "shinline.engine" in c.get("source_modules", ())]
    forbidden = {module for rule in rules for module in rule["forbidden_modules"]}
    assert {"time", "random", "threading", "cv2", "socket"} <= forbidden
    reached = {file.name: _imported(file) & forbidden for file in _core_files()}
    assert len(reached) > 15
    assert {name: found for name, found in reached.items() if found} == {}


def test_the_core_draws_no_random_numbers_and_opens_no_files() -> None:
    """NumPy brings both along, out of the reach of an import contract."""
    for file in _core_files():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"random", "fromfile", "tofile", "memmap"}, file
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"open", "print", "input", "exec", "eval"}, file


def test_the_product_never_imports_the_device() -> None:
    for file in FILES:
        if file.is_relative_to(PACKAGES[0]):
            assert not _imported(file) & {"shinline_pi", "shinline_cal"}, file
