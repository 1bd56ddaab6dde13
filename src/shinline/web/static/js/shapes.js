// Tests that a value from the broker must pass before a page looks at it, and the reading of bytes.

export const text = (value) => typeof value === "string";
export const number = (value) => typeof value === "number" && Number.isFinite(value);
export const count = (value) => Number.isInteger(value) && value >= 0;
export const flag = (value) => typeof value === "boolean";
export const orNull = (test) => (value) => value === null || value === undefined || test(value);
export const oneOf = (table) => (value) => text(value) && Object.hasOwn(table, value);
export const listOf =
  (test, longest = Infinity) =>
  (value) =>
    Array.isArray(value) && value.length <= longest && value.every(test);
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
export const record = (shape) => (value) =>
  isRecord(value) && Object.entries(shape).every(([key, test]) => test(value[key]));

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Reads JSON of an accepted shape; null is anything else. */
export function readJson(payload, accepts) {
  try {
    const value = JSON.parse(decoder.decode(payload));
    return accepts(value) ? value : null;
  } catch {
    return null;
  }
}

/** Reads the plain word of the device's status; null is another word. */
export function readStatus(payload) {
  const word = new TextDecoder().decode(payload);
  return word === "online" || word === "offline" ? word : null;
}
