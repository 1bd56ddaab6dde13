// What the mounting page accepts from the device: topic -> shape. Anything else is not a message.

import { CHECK_STATES, STEP_STATES, VERDICTS } from "./mount-words.js";
import { flag, listOf, number, oneOf, orNull, readJson, readStatus, record, text } from "./shapes.js";

const LONGEST_TEXT = 600;
const MOST = 40; // of anything that is listed: more is not advice
const MOST_CORNERS = 64;
const LARGEST_PX = 20_000;
const LARGEST_JPEG = 2_000_000;
const LARGEST_PREVIEW_PX = 2_000;

const sentence = (value) => text(value) && value.length <= LONGEST_TEXT;
const name = (value) => sentence(value) && value.trim().length > 0;
const size = (value) => Number.isInteger(value) && value >= 16 && value <= LARGEST_PX;
/** May lie outside the picture, but not so far that a drawing of it makes no sense. */
const place = (value) => number(value) && Math.abs(value) <= LARGEST_PX;
const length = (value) => number(value) && value >= 0 && value <= LARGEST_PX;
const share = (value) => number(value) && value >= 0 && value <= 1;
const spread = (value) => number(value) && value >= 0;
const list = (test) => listOf(test, MOST);

// What the device says by key: the page's own tables have the words, so any key may come.
const VALUE = (value) => sentence(value) || list(name)(value);
const VALUES = (value) => record({})(value) && Object.values(value).every(VALUE);
const SAID = (value) =>
  value === undefined || list(record({ key: sentence, values: VALUES }))(value);

const CHECK = record({
  code: name,
  state: oneOf(CHECK_STATES),
  title: name,
  text: sentence,
  said: SAID,
  value: orNull(number),
  sd: orNull(spread),
  unit: orNull(sentence),
  error_mm: orNull(spread),
});

const LEVEL = record({
  known: flag,
  roll_deg: orNull(number),
  roll_sd_deg: orNull(spread),
  pitch_deg: orNull(number),
});

const isWhole = ({ known, roll_deg, roll_sd_deg }) =>
  !known || (number(roll_deg) && number(roll_sd_deg));

const MARKER = record({
  role: name,
  x_px: place,
  y_px: place,
  r_px: length,
  error_mm: orNull(spread),
  state: oneOf(CHECK_STATES),
  text: orNull(sentence),
});

const PLATE = record({ x_px: place, y_px: place, plate_r_px: length });
const GHOST = record({ floor: PLATE, lockout: PLATE, inside: flag });

const CORNER = (value) => Array.isArray(value) && value.length === 2 && value.every(place);
const CORNERS = (value) => listOf(CORNER, MOST_CORNERS)(value) && value.length >= 3;
const ZONE = record({ role: name, points_px: CORNERS, text: sentence, said: SAID });

const STEP = record({
  id: name,
  state: oneOf(STEP_STATES),
  title: name,
  text: sentence,
  progress: orNull(share),
  optional: orNull(flag),
  done_at: orNull(sentence),
  said: SAID,
});

const isUnique = (rows, key) => new Set(rows.map((row) => row[key])).size === rows.length;

const MOUNT = record({
  width_px: size,
  height_px: size,
  verdict: oneOf(VERDICTS),
  headline: sentence,
  reasons: list(sentence),
  reasons_said: SAID,
  checks: list(CHECK),
  level: (value) => LEVEL(value) && isWhole(value),
  markers: list(MARKER),
  ghost: orNull(GHOST),
  zones: list(ZONE),
  steps: list(STEP),
  step_ready: flag,
  stale: list(name),
  problem: orNull(sentence),
  values: orNull(record({})), // sizes as the device holds them; each is tested where it is shown
});

const RESPONSE = record({
  status: oneOf({ ok: 0, error: 0 }),
  error: orNull(sentence),
  transaction: orNull(text),
});

const JSON_TOPICS = {
  mount: (value) => MOUNT(value) && isUnique(value.checks, "code") && isUnique(value.steps, "id"),
  "response/preview": RESPONSE,
  "response/calibrate": RESPONSE,
  "response/cancel": RESPONSE,
};

/** What the mounting page listens to: the topics below shinline/<platform>/. */
export const TOPICS = ["status", "preview", ...Object.keys(JSON_TOPICS)];

const isFrameHeader = (code) => code >= 0xc0 && code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(code);

/** Finds a JPEG's size in its headers: a bomb must not be unpacked to learn how large it is. */
export function jpegSize(bytes) {
  const word = (at) => bytes[at] * 256 + bytes[at + 1];
  if (bytes.length > LARGEST_JPEG || word(0) !== 0xffd8) return null;
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; at += 2 + word(at + 2)) {
    if (isFrameHeader(bytes[at + 1])) return { height: word(at + 5), width: word(at + 7) };
  }
  return null;
}

function readPreview(payload) {
  const found = jpegSize(payload);
  if (!found) return null;
  const sides = [found.width, found.height];
  return sides.every((side) => side > 0 && side <= LARGEST_PREVIEW_PX) ? payload : null;
}

/** Reads one message; the answers are those of readMessage in messages.js. */
export function readMessage(topic, payload) {
  if (payload.length === 0) return undefined;
  if (topic === "status") return readStatus(payload);
  if (topic === "preview") return readPreview(payload);
  if (!Object.hasOwn(JSON_TOPICS, topic)) return undefined;
  return readJson(payload, JSON_TOPICS[topic]);
}
