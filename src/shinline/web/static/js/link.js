// The line to the broker: MQTT 3.1.1 over WebSocket, with a heartbeat of its own.

import mqtt from "/static/vendor/mqtt/mqtt.esm.js";

const HEARTBEAT_MS = 600;
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
 * `on.linked(bool)`, `on.heard()` for any packet, `on.message(topic, payload, retained)`.
 * A broker that answers is heard at least every HEARTBEAT_MS plus the round trip, because the
 * link asks for a sign of life; a keep-alive of MQTT itself would notice a dead line too late.
 */
export function openLink(url, topics, on) {
  let client = null;

  function connect() {
    client = mqtt.connect(url, OPTIONS);
    client.on("connect", () => {
      on.linked(true);
      client.subscribe(topics, { qos: 1 });
    });
    client.on("close", () => on.linked(false));
    client.on("error", () => {}); // mqtt.js closes and tries again by itself
    client.on("packetreceive", () => on.heard());
    client.on("message", (name, payload, packet) => on.message(name, payload, packet.retain));
  }

  /** Gives the present line up, alive or not, and dials at once. */
  function restart() {
    client.removeAllListeners();
    client.on("error", () => {});
    client.end(true);
    on.linked(false);
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
  return { restart, publish };
}
