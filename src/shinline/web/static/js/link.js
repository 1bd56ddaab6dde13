// The line to the broker: MQTT 3.1.1 over WebSocket, with a heartbeat of its own.

import mqtt from "/static/vendor/mqtt/mqtt.esm.js";

const HEARTBEAT_MS = 600;
const REFUSALS = new Set([4, 5]); // of CONNACK: user name or password wrong, not authorised
const OPTIONS = {
  protocolVersion: 4,
  clean: true, // what was said while the phone slept is not worth hearing
  reconnectPeriod: 1000,
  connectTimeout: 4000,
  keepalive: 10,
  timerVariant: "native", // its worker timers would need a looser security policy
};

/**
 * Connects, stays connected, and reports.
 *
 * `login()` returns the `username` and `password` of the next attempt. `on.linked(bool)`,
 * `on.heard()` for any packet, `on.message(topic, payload, retained)`. `on.refused()`: the broker
 * does not let us in; nothing more is tried until `resume()`.
 * A broker that answers is heard at least every HEARTBEAT_MS plus the round trip, because the
 * link asks for a sign of life; a keep-alive of MQTT itself would notice a dead line too late.
 */
export function openLink(url, login, topics, on) {
  let client = null;
  let isHeld = false;

  function connect() {
    client = mqtt.connect(url, { ...OPTIONS, ...login() });
    client.on("connect", () => {
      on.linked(true);
      client.subscribe(topics, { qos: 1 });
    });
    client.on("close", () => on.linked(false));
    client.on("error", ({ code }) => REFUSALS.has(code) && hold()); // else it tries again itself
    client.on("packetreceive", () => on.heard());
    client.on("message", (name, payload, packet) => on.message(name, payload, packet.retain));
  }

  function drop() {
    client.removeAllListeners();
    client.on("error", () => {});
    client.end(true);
    on.linked(false);
  }

  function hold() {
    isHeld = true;
    drop();
    on.refused();
  }

  /** Gives the present line up, alive or not, and dials at once. */
  function restart() {
    if (isHeld) return;
    drop();
    connect();
  }

  /** Dials again after a refusal. */
  function resume() {
    isHeld = false;
    connect();
  }

  /** Sends at once and at most once: what was asked before a gap must not be obeyed after it. */
  function publish(topic, text) {
    if (!client.connected) return false;
    client.publish(topic, text, { qos: 0 });
    return true;
  }

  connect();
  setInterval(() => client.connected && client.sendPing(), HEARTBEAT_MS);
  return { restart, resume, publish };
}
