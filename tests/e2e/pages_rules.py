"""Looks at a page as the rules for accessible pages do: names, targets, contrast."""

from typing import Any

from playwright.sync_api import Page

FAULTS = """(least_px) => {
  const faults = [];
  const begin = (node) => node.textContent.trim().slice(0, 30);
  const name = (node) => `${node.tagName.toLowerCase()}#${node.id} "${begin(node)}"`;
  const within = document.querySelector("dialog[open]") ?? document.body;
  const isSeen = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && node.getClientRects().length > 0 && getComputedStyle(node).clipPath === "none";

  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  ids.forEach((id, i) => ids.indexOf(id) < i && faults.push(`id ${id} twice`));
  if (!document.documentElement.lang) faults.push("no language");
  if (!document.title) faults.push("no title");

  const named = "a[href], button, input, select, summary, [role=img], dialog, section, nav";
  for (const node of within.querySelectorAll(named)) {
    if (!isSeen(node)) continue;
    const by = node.getAttribute("aria-labelledby");
    const said = node.getAttribute("aria-label") ?? (by && document.getElementById(by)?.textContent)
      ?? node.labels?.[0]?.textContent ?? node.textContent;
    if (!said.trim()) faults.push(`no name: ${name(node)}`);
  }

  for (const node of within.querySelectorAll("a[href], button, input, select, summary")) {
    if (!isSeen(node)) continue;
    const box = (node.closest("label") ?? node).getBoundingClientRect();
    if (Math.min(box.width, box.height) < least_px) {
      faults.push(`small: ${name(node)} ${box.width.toFixed(0)}x${box.height.toFixed(0)}`);
    }
    if (box.left < -1 || box.right > innerWidth + 1) faults.push(`outside: ${name(node)}`);
  }

  const channel = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  function rgba(colour) {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    return [...brush.getImageData(0, 0, 1, 1).data].map((value) => value / 255);
  }
  const luminance = ([r, g, b]) =>
    0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  function ground(node) {
    for (let at = node; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0.99) return colour;
    }
    return [1, 1, 1, 1];
  }
  const walker = document.createTreeWalker(within, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || !isSeen(node) || node.closest(":disabled, svg, option")) continue;
    const style = getComputedStyle(node);
    const [a, b] = [luminance(rgba(style.color)), luminance(ground(node))].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (isLarge ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${name(node)}`);
  }
  if (document.scrollingElement.scrollWidth > innerWidth) faults.push("wider than the screen");
  return faults;
}"""


def faults(page: Page, least_px: int = 48) -> list[str]:
    """Return what a page, or the sheet that is open on it, does wrong; empty is well."""
    found: list[str] = page.evaluate(FAULTS, least_px)
    return found


def tabbed(page: Page, count: int) -> list[dict[str, Any]]:
    """Go through the page with the tabulator key; tell what had the focus, and if it was marked."""
    seen: list[dict[str, Any]] = []
    for _ in range(count):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("""() => {
            const node = document.activeElement;
            const box = node.getBoundingClientRect();
            const style = getComputedStyle(node);
            return { id: node.id || node.getAttribute("href") || node.tagName,
                     marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
                     inside: box.bottom > 0 && box.top < innerHeight };
        }""")
        )
    return seen
