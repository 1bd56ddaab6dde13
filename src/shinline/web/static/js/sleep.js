// Notices that a page did not run: its phone slept, or its tab was frozen. What it is handed when it
// runs again may be as old as the sleep was long.

/**
 * `gap_ms()` is how long it is since `tick()`. Some phones stop the monotonic clock in their sleep,
 * and any clock may be set: the longer of the two differences counts, for doubt ages a message.
 */
export function createSleepWatch() {
  let ran = { steady_ms: performance.now(), wall_ms: Date.now() };

  const gap_ms = () =>
    Math.max(performance.now() - ran.steady_ms, Date.now() - ran.wall_ms);

  function tick() {
    const gap = gap_ms();
    ran = { steady_ms: performance.now(), wall_ms: Date.now() };
    return gap;
  }

  return { gap_ms, tick };
}
