"""Knock at the broker of an installed device: who may come in, and what they may do.

Run by the installed program's own Python, as root: ``attack.py PROGRAM``. The service is started by
hand first, or runs. Ends with 1 at the first thing that should not be.
"""

import json
import ssl
import subprocess
import sys
import time
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

AUTHORITY = Path("/var/lib/shinline/tls/ca.crt")
DOORS = {"TCP": 1883, "TLS": 8883, "WebSocket": 9001}
PATIENCE_S = 60.0


def tried(door: str, name: str, password: str) -> tuple[str, list[str], paho.Client]:
    """Connect; return what the broker said, and the list that fills with what is heard."""
    transport = "websockets" if door == "WebSocket" else "tcp"
    client = paho.Client(CallbackAPIVersion.VERSION2, transport=transport)
    if door != "TCP":
        client.tls_set(str(AUTHORITY), cert_reqs=ssl.CERT_REQUIRED)
    if name:
        client.username_pw_set(name, password)
    said: list[str] = []
    heard: list[str] = []
    client.on_connect = lambda _c, _d, _f, reason, _p: said.append(str(reason))
    client.on_message = lambda _c, _d, message: heard.append(message.topic)
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            client.connect("127.0.0.1", DOORS[door])
            break
        except OSError:  # the service is just being started anew
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.5)
    client.loop_start()
    while not said and time.monotonic() < deadline_s:
        time.sleep(0.02)
    return (said or ["nothing"])[0], heard, client


def expect(true: bool, what: str) -> None:
    print(f"{'ok ' if true else 'BAD'} {what}", flush=True)
    if not true:
        sys.exit(1)


def main() -> None:
    program = sys.argv[1]
    asked = [program, "pair", "--name", f"proof {time.time_ns()}", "--json"]
    made = subprocess.run(asked, capture_output=True, text=True, check=True)
    account = json.loads(made.stdout)
    time.sleep(2.0)  # a running device notices within a second
    strangers = [("", ""), ("device", "device"), ("phone", "phone"), (account["username"], "guess")]
    for door in DOORS:
        for name, password in strangers:
            said, _, client = tried(door, name, password)
            client.loop_stop()
            expect(said == "Not authorized", f"{door}: {name or 'nobody'} with a wrong password")
        said, heard, client = tried(door, account["username"], account["password"])
        expect(said == "Success", f"{door}: who was paired is let in")
        client.subscribe([("shinline/#", 0), ("$SYS/#", 0)])
        client.publish("shinline/platform1/status", "forged", qos=1, retain=True)
        time.sleep(3.0)
        expect("shinline/platform1/status" in heard, f"{door}: hears the device")
        expect(not any(topic.startswith("$SYS") for topic in heard), f"{door}: not the broker")
        client.loop_stop()
    _, _, client = tried("TCP", account["username"], account["password"])
    kept: list[bytes] = []
    client.on_message = lambda _c, _d, message: kept.append(message.payload)
    client.subscribe("shinline/platform1/status")
    time.sleep(2.0)
    expect(kept[:1] == [b"online"], "what a phone forged was not passed on")


main()
