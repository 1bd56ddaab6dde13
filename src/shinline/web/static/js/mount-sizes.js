// What only the lifter can tell: how large the marker and the plate are, and how tall they stand.

import { el, setText } from "./dom.js";
import { say } from "./said.js";
import { fixed, sayWith } from "./sentences.js";

const inches = (mm) => `${fixed(mm / 25.4, 2)} in`;

function feet(metres) {
  const whole = Math.round((metres * 100) / 2.54);
  return `${Math.floor(whole / 12)} ft ${whole % 12} in`;
}

const FIELDS = [
  {
    key: "marker_diameter_mm",
    words: "mount.field_marker",
    title: "Bar marker, across the black",
    unit: "mm",
    least: 20,
    most: 300,
    other: inches,
  },
  {
    key: "hung_diameter_mm",
    words: "mount.field_hung",
    title: "Marker on the string, if another",
    unit: "mm",
    least: 20,
    most: 300,
    other: inches,
  },
  {
    key: "plate_diameter_mm",
    words: "mount.field_plate",
    title: "Plate, across",
    unit: "mm",
    least: 150,
    most: 600,
    other: inches,
  },
  {
    key: "stature_m",
    words: "mount.field_stature",
    title: "Your height",
    unit: "m",
    least: 1.2,
    most: 2.3,
    other: feet,
  },
];

const isSize = (value, { least, most }) =>
  typeof value === "number" && Number.isFinite(value) && value >= least && value <= most;

/** Reads "80,5" as well as "80.5": number inputs of some languages write a comma. */
const typed = (input) => (input.value.trim() === "" ? null : Number(input.value.replace(",", ".")));

function createField(field) {
  const { key, words, title, unit, least, most } = field;
  const input = el("input", {
    id: key,
    type: "number",
    inputmode: "decimal",
    min: least,
    max: most,
    autocomplete: "off",
    "aria-describedby": `${key}-note`,
  });
  const note = el("p", { id: `${key}-note`, class: "field-note" });
  const line = el("div", { class: "field-line" }, input, el("span", {}, unit));
  const row = el("div", { class: "field" }, el("label", { for: key, "data-say": words }, title), line, note);
  return { field, input, note, row, isEdited: false };
}

function paintNote({ field, input, note }) {
  const value = typed(input);
  const isBad = input.validity.badInput || (value !== null && !isSize(value, field));
  const { least, most, unit } = field;
  const wanted = sayWith("mount.field_range", "Between {least} and {most} {unit}.", { least, most, unit });
  const usual = say("mount.field_usual", "As set on the device.");
  input.setAttribute("aria-invalid", String(isBad));
  setText(note, isBad ? wanted : value === null ? usual : `= ${field.other(value)}`);
}

/**
 * Builds the fields into a container.
 *
 * `draw(values)` shows what the device holds, where the lifter has not typed something else.
 * `read()` returns what is filled in, or null after pointing at what cannot be.
 */
export function createSizes(container, onInvalid) {
  const fields = FIELDS.map(createField);
  for (const one of fields) {
    one.input.addEventListener("input", () => {
      one.isEdited = true;
      paintNote(one);
    });
    paintNote(one);
  }
  container.replaceChildren(...fields.map(({ row }) => row));

  function draw(values) {
    for (const one of fields) {
      const value = values?.[one.field.key];
      if (one.isEdited || !isSize(value, one.field)) continue;
      const shown = String(Number(value.toFixed(2)));
      if (one.input.value !== shown) one.input.value = shown;
      paintNote(one);
    }
  }

  function read() {
    const bad = fields.find(({ input }) => input.getAttribute("aria-invalid") === "true");
    if (bad) {
      onInvalid();
      bad.input.focus();
      return null;
    }
    const filled = fields.filter(({ input }) => typed(input) !== null);
    return Object.fromEntries(filled.map(({ field, input }) => [field.key, typed(input)]));
  }

  /** Says the notes again, in other words. */
  const repaint = () => fields.forEach(paintNote);

  return { draw, read, repaint };
}
