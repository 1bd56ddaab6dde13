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

/** Sizes a block's text to fill its box; does nothing while text and box are the same. */
export function fitText(node) {
  const key = `${node.textContent}|${node.clientWidth}x${node.clientHeight}`;
  if (node.dataset.fitted === key) return;
  const size = largest(node);
  node.style.fontSize = `${size}px`;
  node.classList.toggle("unfit", !fits(node)); // a word wider than the screen may be broken
  node.dataset.fitted = `${node.textContent}|${node.clientWidth}x${node.clientHeight}`;
}

/** Gives a fitted text back to the style sheet. */
export function releaseText(node) {
  node.style.fontSize = "";
  delete node.dataset.fitted;
}
