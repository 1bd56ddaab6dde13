// Geometry of a bar path. A trace is { x_m, y_m, vy_mps, at_ms }, lists of one length; `at_ms` is
// when each sample arrived on this phone's clock.

const LIFTED_M = 0.01;
const AT_REST_MPS = 0.03;

export const emptyTrace = () => ({ x_m: [], y_m: [], vy_mps: [], at_ms: [] });

/**
 * Finds lift-off: the last sample before the bar has risen 10 mm at which its vertical speed was
 * below 0.03 m/s. Returns -1 while the bar has not been lifted.
 */
export function liftOffIndex({ y_m, vy_mps }) {
  let lowest = 0;
  for (let i = 0; i < y_m.length; i += 1) {
    if (y_m[i] < y_m[lowest]) lowest = i;
    if (y_m[i] - y_m[lowest] > LIFTED_M) return lastAtRest(vy_mps, lowest, i);
  }
  return -1;
}

function lastAtRest(vy_mps, lowest, lifted) {
  for (let i = lifted; i > lowest; i -= 1) if (vy_mps[i] < AT_REST_MPS) return i;
  return lowest;
}

function topIndex({ y_m }, start, end) {
  let top = start;
  for (let i = start; i <= end; i += 1) if (y_m[i] > y_m[top]) top = i;
  return top;
}

/** Turns samples into millimetres relative to the sample `origin`, y downwards as SVG has it. */
function millimetrePoints({ x_m, y_m }, origin, from, to) {
  const points = [];
  for (let i = from; i <= to; i += 1) {
    points.push([1000 * (x_m[i] - x_m[origin]), -1000 * (y_m[i] - y_m[origin])]);
  }
  return points;
}

/** Finds the point of a polyline that is farthest toward the toes. */
const foremost = (points) =>
  points.reduce((best, point) => (point[0] > best[0] ? point : best), points[0]);

/** Splits the samples start .. end into the way up and the way down, in mm from `start`. */
function split(trace, start, top, end) {
  const up = millimetrePoints(trace, start, start, top);
  return { up, down: millimetrePoints(trace, start, top, end), forward: foremost(up) };
}

/** Reads the pull out of a live trace; null while the bar has not been lifted. */
export function livePull(trace) {
  const start = liftOffIndex(trace);
  if (start < 0) return null;
  const end = trace.y_m.length - 1;
  return split(trace, start, topIndex(trace, start, end), end);
}

/**
 * Reads the pull of a finished rep out of its recorded path, whose `t_s` counts from lift-off and
 * has a margin before and after. Returns null for an empty path.
 */
export function recordedPull(path, rep) {
  if (path.t_s.length === 0) return null;
  const start = indexAt(path.t_s, 0);
  const last_s = (Date.parse(rep.end) - Date.parse(rep.start)) / 1000;
  const end = Number.isFinite(last_s) ? indexAt(path.t_s, last_s) : path.t_s.length - 1;
  const top = rep.concentric_s ? indexAt(path.t_s, rep.concentric_s) : topIndex(path, start, end);
  return split(path, start, top, Math.max(top, end));
}

function indexAt(t_s, wanted_s) {
  let nearest = 0;
  for (let i = 1; i < t_s.length; i += 1) {
    if (Math.abs(t_s[i] - wanted_s) < Math.abs(t_s[nearest] - wanted_s)) nearest = i;
  }
  return nearest;
}
