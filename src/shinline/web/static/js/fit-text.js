// As large as it goes: the lifter reads it from across the room.

const SMALLEST_PX = 20;

const fits = (node) =>
  node.scrollWidth <= node.clientWidth && node.scrollHeight <= node.clientHeight;

/** Finds the largest whole font size at which the text stays inside its own box, words unbroken. */
function largest(node) {
  let low = SMALLEST_PX;
  let high = Math.max(SMALLEST_PX, node.clientHeight);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    node.style.fontSize = `${middle}px`;
    if (fits(node)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** How high the lines of a text are, all together. */
function textHeight(node) {
  const lines = document.createRange();
  lines.selectNodeContents(node);
  const tops = new Set([...lines.getClientRects()].map(({ top }) => Math.round(top)));
  return tops.size * parseFloat(getComputedStyle(node).lineHeight);
}

/**
 * Sizes a block's text to fill its box; does nothing while text and box are the same.
 *
 * Where the width of the box is what limits it, the letters are drawn up to `tallest` times as tall
 * as they are, as on a road: from afar it is the height of a letter that counts.
 */
export function fitText(node, tallest = 1) {
  const key = `${node.textContent}|${node.clientWidth}x${node.clientHeight}|${tallest}`;
  if (node.dataset.fitted === key) return;
  node.style.transform = "";
  const size = largest(node);
  node.style.fontSize = `${size}px`;
  node.classList.toggle("unfit", !fits(node)); // a word wider than the screen may be broken
  const room = tallest > 1 ? node.clientHeight / textHeight(node) : 1;
  const tall = Math.max(1, Math.min(tallest, room));
  node.style.transform = tall > 1.02 ? `scaleY(${tall.toFixed(3)})` : "";
  node.dataset.fitted = key;
}

/** Gives a fitted text back to the style sheet. */
export function releaseText(node) {
  node.style.fontSize = "";
  node.style.transform = "";
  delete node.dataset.fitted;
}
