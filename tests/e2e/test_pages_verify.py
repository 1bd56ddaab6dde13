"""The pages of ``shinline verify`` in a real browser, as a file, on a desk and on a phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import DESKTOP, PHONE, Complaints, new_context
from click.testing import CliRunner
from falling import View, drop, rest, swing, to_and_fro
from playwright.sync_api import Browser, Page
from verify_material import write_path, write_reps

from shinline.cli import main

pytestmark = pytest.mark.browser

TESTS = ("compare", "cameras", "drop", "pendulum", "ruler", "still")
SIZES = {"desk": DESKTOP, "phone": PHONE}
SMALLEST_TEXT_PX = 9.0
CONTRAST = 4.5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make all pages from material with everything in it."""
    out = tmp_path_factory.mktemp("verify")
    view = View(1.01, 0.6)
    ours, theirs = write_reps(out)
    paths = {
        "drop": write_path(out / "drop.csv", drop(view, (1.0,) * 2)),
        "pendulum": write_path(out / "swing.csv", swing(view)),
        "ruler": write_path(out / "ruler.csv", to_and_fro(view)),
        "still": write_path(out / "still.csv", rest(view)),
    }
    commands = [
        ["compare", ours, theirs, "--device", "gymaware"],
        ["cameras", ours, ours],
        ["drop", paths["drop"]],
        ["pendulum", paths["pendulum"], "--length-m", 1],
        ["ruler", paths["ruler"], "--distance-m", 0.5],
        ["still", paths["still"]],
    ]
    for command in commands:
        result = CliRunner().invoke(main, ["verify", *map(str, command), "--out", str(out)])
        assert result.exit_code == 0, result.output
    return out


@pytest.fixture(scope="module")
def tab(chromium: Browser) -> Iterator[Page]:
    context = new_context(chromium, DESKTOP)
    yield context.new_page()
    context.close()


@pytest.fixture(params=[(size, scheme) for size in SIZES for scheme in ("light", "dark")])
def page(request: pytest.FixtureRequest, tab: Page, complaints: Complaints) -> Iterator[Page]:
    size, scheme = request.param
    tab.set_viewport_size(SIZES[size])
    tab.emulate_media(color_scheme=scheme)
    with complaints.watch(tab):
        yield tab
    assert complaints.lines == []
    assert [url for url in complaints.abroad if not url.startswith("file:")] == []


@pytest.mark.parametrize("test", TESTS)
def test_the_page_fits_and_can_be_read(page: Page, folder: Path, test: str) -> None:
    """Nothing sticks out sideways, no word of a chart is cut or tiny, all has contrast."""
    page.goto((folder / f"{test}.html").as_uri())
    found: dict[str, Any] = page.evaluate(MEASURE)
    assert found["wide"] <= found["window"]
    assert found["charts"] >= 1
    assert found["cut"] == []
    assert found["smallest"] >= SMALLEST_TEXT_PX
    assert {text: ratio for text, ratio in found["faint"] if ratio < CONTRAST} == {}


MEASURE = """() => {
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((v) => {
      const c = v / 255;
      return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const texts = [...document.querySelectorAll("svg text")];
  const words = [...document.querySelectorAll("h1, h2, h3, p, td, th, li, figcaption")];
  const box = (node) => node.getBoundingClientRect();
  const isCut = (a, b) => a.left < b.left - 1 || a.right > b.right + 1 || a.bottom > b.bottom + 1;
  return {
    wide: document.documentElement.scrollWidth,
    window: innerWidth,
    charts: document.querySelectorAll("svg").length,
    cut: texts.filter((t) => isCut(box(t), box(t.ownerSVGElement))).map((t) => t.textContent),
    smallest: Math.min(...texts.map((t) => {
      const scale = t.getScreenCTM();
      return parseFloat(getComputedStyle(t).fontSize) * Math.hypot(scale.a, scale.b);
    })),
    faint: [
      ...words.map((w) => [w.textContent, contrast(getComputedStyle(w).color, ground(w))]),
      ...texts.map((t) => [t.textContent, contrast(getComputedStyle(t).fill, ground(t))]),
    ],
  };
}"""
