// What is drawn over the live picture. Its unit is a pixel of the camera's picture, whose (0, 0) is
// the middle of the first pixel; text and line widths keep their size on the screen.

import { svg } from "./dom.js";
import { CHECK_STATES, fine, roleWord } from "./mount-words.js";
import { say } from "./said.js";
import { sayWith, tell } from "./sentences.js";

const TEXT_PX = 14; // on the screen
const ROOM_PX = 100; // for a label beside a plate
const SMALLEST_RING_PX = 9;
const LETTER = 0.68; // how wide a bold letter is, of its height

const radians = (degrees) => (degrees * Math.PI) / 180;

function label(words, at, anchor, scale, className = "") {
  const size = TEXT_PX * scale;
  const place = { x: at.x, y: at.y, "text-anchor": anchor, "font-size": size };
  return svg("text", { class: `label ${className}`, ...place, dy: size * 0.35 }, words);
}

/** Keeps a label's middle inside the picture. */
const inside = (y, mount, scale) =>
  Math.min(Math.max(y, TEXT_PX * scale), mount.height_px - 1 - TEXT_PX * scale);

/** Draws the line along which a plumb line would hang, through where the bar is or will be. */
function plumbLine({ level, ghost, markers, width_px, height_px }) {
  if (!level.known) return [];
  const bar = markers.find(({ role }) => role === "bar");
  const through = ghost?.floor ?? bar ?? { x_px: width_px / 2, y_px: height_px / 2 };
  const lean = Math.tan(radians(level.roll_deg));
  const x_at = (y) => through.x_px + (through.y_px - y) * lean;
  const ends = { x1: x_at(-0.5), y1: -0.5, x2: x_at(height_px), y2: height_px };
  return [svg("line", { class: "plumb", ...ends })];
}

const isWhole = ({ x_px, y_px, plate_r_px }, { width_px, height_px }) =>
  Math.min(x_px, y_px) >= plate_r_px &&
  x_px + plate_r_px <= width_px - 1 &&
  y_px + plate_r_px <= height_px - 1;

/** The side of a plate's label: the markers' labels stand on the other. */
function plateLabel(plate, words, mount, scale) {
  const toLeft = plate.x_px <= 0.6 * mount.width_px;
  const gap = plate.plate_r_px + 6 * scale;
  const x = plate.x_px + (toLeft ? -gap : gap);
  const room = (toLeft ? x : mount.width_px - x) / scale;
  const said = isWhole(plate, mount) ? words : sayWith("mount.cut_off", "{what}: cut off", { what: words });
  if (room >= ROOM_PX) {
    const at = { x, y: inside(plate.y_px, mount, scale) };
    return label(said, at, toLeft ? "end" : "start", scale, "ghost-text");
  }
  const above = plate.y_px - plate.plate_r_px - TEXT_PX * scale;
  return label(said, { x: plate.x_px, y: inside(above, mount, scale) }, "middle", scale, "ghost-text");
}

function plateGhost(plate, words, mount, scale) {
  const circle = { cx: plate.x_px, cy: plate.y_px, r: plate.plate_r_px };
  const className = isWhole(plate, mount) ? "ghost" : "ghost outside";
  return svg(
    "g",
    { class: className },
    svg("circle", circle),
    plateLabel(plate, words, mount, scale),
  );
}

function ghosts(mount, scale) {
  if (!mount.ghost) return [];
  const { floor, lockout } = mount.ghost;
  const way = { x1: floor.x_px, y1: floor.y_px, x2: lockout.x_px, y2: lockout.y_px };
  return [
    svg("line", { class: "way", ...way }),
    plateGhost(lockout, say("mount.at_top", "at the top"), mount, scale),
    plateGhost(floor, say("mount.at_start", "at the start"), mount, scale),
  ];
}

/** A hatched part of the picture; it is named there only where the name hides nothing else. */
function zone({ role, points_px }, scale) {
  const points = points_px.map((corner) => corner.join(",")).join(" ");
  const xs = points_px.map(([x]) => x);
  const middle = (axis) => points_px.reduce((sum, corner) => sum + corner[axis], 0) / xs.length;
  const words = roleWord(role);
  const isRoomy = Math.max(...xs) - Math.min(...xs) >= words.length * 0.75 * TEXT_PX * scale;
  const at = { x: middle(0), y: middle(1) };
  return svg(
    "g",
    { class: "zone" },
    svg("polygon", { points }),
    ...(isRoomy ? [label(words, at, "middle", scale, "zone-text")] : []),
  );
}

function marker({ role, x_px, y_px, r_px, error_mm, state }, mount, scale) {
  const toRight = x_px <= 0.6 * mount.width_px;
  const r = Math.max(1.25 * r_px, SMALLEST_RING_PX * scale);
  const x = x_px + (toRight ? 1 : -1) * (r + 5 * scale);
  const sure = typeof error_mm === "number" ? ` ± ${fine(error_mm)} mm` : "";
  const at = { x, y: inside(y_px, mount, scale) };
  const words = roleWord(role);
  const room = toRight ? mount.width_px - x : x;
  const fits = room >= (words + sure).length * LETTER * TEXT_PX * scale;
  return svg(
    "g",
    { class: `seen tone-${CHECK_STATES[state].tone}`, "data-role": role },
    svg("circle", { cx: x_px, cy: y_px, r }),
    label(fits ? words + sure : words, at, toRight ? "start" : "end", scale),
  );
}

function hatch(scale) {
  const side = 9 * scale;
  const tile = { width: side, height: side, patternUnits: "userSpaceOnUse" };
  const turned = { patternTransform: "rotate(45)" };
  const stripe = svg("rect", { width: side / 2.5, height: side });
  return svg("defs", {}, svg("pattern", { id: "hatch", ...tile, ...turned }, stripe));
}

/** Says in words what the overlay shows, for those who do not see it. */
function inWords({ markers, ghost, zones }) {
  const roles = markers.map(({ role }) => roleWord(role)).join(", ");
  const parts = [
    `${say("mount.picture_label", "Live picture")}.`,
    roles
      ? sayWith("mount.picture_seen", "Seen: {roles}.", { roles })
      : say("mount.picture_none", "No marker is seen."),
  ];
  if (ghost?.inside) parts.push(say("mount.picture_whole", "The whole lift is in view."));
  else if (ghost) parts.push(say("mount.picture_leaves", "The lift leaves the picture."));
  return [...parts, ...zones.map(({ said, text }) => tell(said, text))].join(" ");
}

/** Takes over an <svg> that lies on the picture; `draw(mount)` shows what the device sees. */
export function createOverlay(root) {
  let shown = null;

  function paint() {
    const { width } = root.getBoundingClientRect();
    if (!shown || width === 0) return;
    const { width_px, height_px } = shown;
    const scale = width_px / width;
    root.setAttribute("viewBox", `-0.5 -0.5 ${width_px} ${height_px}`);
    root.setAttribute("aria-label", inWords(shown));
    root.replaceChildren(
      hatch(scale),
      ...shown.zones.map((one) => zone(one, scale)),
      ...plumbLine(shown),
      ...ghosts(shown, scale),
      ...shown.markers.map((one) => marker(one, shown, scale)),
    );
  }

  new ResizeObserver(paint).observe(root);
  return {
    draw(mount) {
      if (shown === mount) return;
      shown = mount;
      paint();
    },
    /** Says it again, in other words. */
    repaint: paint,
  };
}
