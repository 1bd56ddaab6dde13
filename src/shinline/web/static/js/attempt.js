// Parts of a page that must not be able to stop one another.

const failed = new Set();

/** Does what `act` does; an error is told to the console, once for each `what`, and nothing else stops. */
export function attempt(what, act) {
  try {
    return act();
  } catch (error) {
    if (!failed.has(what)) console.error(error);
    failed.add(what);
    return undefined;
  }
}
