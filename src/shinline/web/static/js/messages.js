// What the phone accepts from the broker: topic -> shape. Anything else is not a message.

import { count, flag, listOf, number, oneOf, orNull, readJson, readStatus, record, text } from "./shapes.js";
import { STEP_STATES, STEPS } from "./setup.js";
import { PHASES, SEVERITIES } from "./words.js";

const STEP_CODES = Object.fromEntries(STEPS.map((code) => [code, code]));
const LONGEST_CUE = 120;
const LONGEST_TTL_MS = 60_000;

const FAULT = record({
  code: text,
  severity: oneOf(SEVERITIES),
  value: orNull(number),
  unit: text,
  assessed: flag,
  reason: orNull(text),
});

const SETUP = record({
  steps: listOf(record({ code: oneOf(STEP_CODES), state: oneOf(STEP_STATES) })),
  ready: orNull(flag),
  checks: listOf(FAULT),
});

const FINISHED_REP = record({
  id: text,
  set: count,
  rep: count,
  rom_m: orNull(number),
  mean_velocity_mps: orNull(number),
  mean_velocity_sd_mps: orNull(number),
  drift_forward_m: orNull(number),
  drift_sd_m: orNull(number),
  faults: listOf(FAULT),
  valid: orNull(flag),
  notes: orNull(listOf(text)),
  marks: orNull(listOf(text)),
  mode: orNull(text),
});

const REP = record({
  type: oneOf({ new: 0, update: 0, end: 0, void: 0 }),
  id: text,
});

const isRep = (value) => REP(value) && (value.type !== "end" || FINISHED_REP(value.after));

const SET_SUMMARY = record({
  set: count,
  reps: count,
  lifter: text,
  lift: text,
  load_kg: number,
  tonnage_kg: number,
  velocity_loss: orNull(number),
  mode: orNull(text),
  next_mode: orNull(text),
  t_capture: orNull(text),
  advice: listOf(record({ code: text, text, reason: text })),
});

const LIVE = record({
  x_m: listOf(number),
  y_m: listOf(number),
  vy_mps: listOf(number),
  coasting: orNull(flag),
});

const sameLength = ({ x_m, y_m, vy_mps }) =>
  x_m.length === y_m.length && x_m.length === vy_mps.length;

const CUE = record({
  id: text,
  text: (value) => text(value) && value.trim().length > 0 && value.length <= LONGEST_CUE,
  severity: oneOf(SEVERITIES),
  code: text,
  latency_ms: orNull(number),
  expired: orNull(flag),
  ttl_ms: (value) => number(value) && value > 0 && value <= LONGEST_TTL_MS,
});

const PLAN = record({
  lifter: text,
  lift: text,
  load_kg: number,
  target_reps: count,
  target_rpe: orNull(number),
  mode: text,
});

const ANSWER = record({
  status: oneOf({ ok: 0, error: 0 }),
  error: text,
  data: record({
    reason: orNull(text),
    plan: orNull(PLAN),
    rpe: orNull(number),
    label: orNull(text),
    rep_id: orNull(text),
    on: orNull(flag),
  }),
  transaction: (value) => value === null || text(value) || number(value),
});

const ASKED = [
  "start_set",
  "end_set",
  "set_load",
  "label_rep",
  "rate_set",
  "feedback_now",
  "mute",
];

const JSON_TOPICS = {
  state: record({
    phase: oneOf(PHASES),
    rep: orNull(count),
    target_reps: orNull(count),
    lifter: orNull(text),
    lift: orNull(text),
    load_kg: orNull(number),
    set: orNull(count),
    target_rpe: orNull(number),
    velocity_loss: orNull(number),
    velocity_loss_limit: orNull(number),
    mode: orNull(text),
    muted: orNull(flag),
  }),
  info: record({ not_observable: orNull(listOf(text)), camera_ok: orNull(flag) }),
  setup: SETUP,
  calibration: record({
    floor_ok: orNull(flag),
    floor_text: orNull(text),
  }),
  live: (value) => LIVE(value) && sameLength(value),
  rep: isRep,
  "rep/last": FINISHED_REP,
  "set/last": SET_SUMMARY,
  cue: CUE,
  stats: record({
    shown_p50_ms: orNull(number),
    shown_p95_ms: orNull(number),
    rate_hz: orNull(number),
    slowed: orNull(text),
  }),
  ...Object.fromEntries(ASKED.map((verb) => [`response/${verb}`, ANSWER])),
};

/** What the phone page listens to: the topics below shinline/<platform>/. */
export const TOPICS = ["status", ...Object.keys(JSON_TOPICS)];

/**
 * Reads one message. `name` is the topic below shinline/<platform>/.
 * Returns the content, null when it is malformed, undefined when it is not for this page: another
 * topic, or the empty message that takes a retained one back.
 */
export function readMessage(name, payload) {
  if (payload.length === 0) return undefined;
  if (name === "status") return readStatus(payload);
  if (!Object.hasOwn(JSON_TOPICS, name)) return undefined;
  return readJson(payload, JSON_TOPICS[name]);
}
