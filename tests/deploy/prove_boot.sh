#!/bin/bash
# Inside a root that has booted: the service under a real systemd, with what may go wrong.
# Run by install_in_roots.sh; ends with 1 at the first thing that should not be.
set -eu
source=/src
cd /

proven() { printf 'ok  %s\n' "$*"; }
wrong() {
  printf 'BAD %s\n' "$*"
  systemctl status --no-pager --lines=20 shinline || true
  exit 1
}
show() { systemctl show --value --property="$1" shinline; }
now_ms() { date +%s%3N; }
# Waits until another process than $1 says that frames come.
again() {
  begun=${3:-$(now_ms)}
  for _ in $(seq 600); do
    [ "$(show MainPID)" != "$1" ] && [ "$(show ActiveState)" = active ] && break
    sleep 0.1
  done
  [ "$(show ActiveState)" = active ] || wrong "it did not come back within 60 s"
  ready=$(date -d "$(systemctl show --timestamp=us --value -p ActiveEnterTimestamp shinline)" +%s%3N)
  proven "$2: frames again after $((ready - begun)) ms," \
    "of the processor's time $(($(show CPUUsageNSec) / 1000000)) ms; load $(cut -d' ' -f1 /proc/loadavg)"
}
# A lamp on simulated pins that outlive their process.
wire_a_lamp() {
  python=/opt/shinline/current/venv/bin/python
  $python -m pip install -q --disable-pip-version-check --root-user-action=ignore "gpiozero>=2"
  site=$($python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  cp $source/tests/deploy/lasting_pins.py "$site"
  mkdir -p "$site/lasting_pins-1.dist-info"
  printf 'Metadata-Version: 2.1\nName: lasting-pins\nVersion: 1\n' >"$site/lasting_pins-1.dist-info/METADATA"
  printf '[gpiozero_mock_pin_classes]\nlastingpin = lasting_pins:LastingPin\n' \
    >"$site/lasting_pins-1.dist-info/entry_points.txt"
  printf '\n[indicators]\ndevice = "gpio"\nlight = "none"\nlamp_pin = 18\n' >>/etc/shinline/shinline.toml
  printf 'GPIOZERO_PIN_FACTORY=mock\nGPIOZERO_MOCK_PIN_CLASS=lastingpin\n' >>/etc/shinline/service.env
}
lamp() { cut -d' ' -f3 /var/lib/shinline/pins | tr -d '\n'; }

sh $source/deploy/install.sh
[ "$(show ActiveState)" = active ] || wrong "the service is not ready"
proven "installed and ready: $(show StatusText)"
[ "$(show WatchdogUSec)" = 20s ] || wrong "there is no watchdog"
if prlimit --rtprio=20 true 2>/dev/null; then
  grep -q '^Max realtime priority *20 ' "/proc/$(show MainPID)/limits" || wrong "no real time"
else
  echo "--  not shown here: real-time limits, which this machine's root may not raise"
fi
[ "$(awk '/^CapEff/ { print $2 }' "/proc/$(show MainPID)/status")" = 0000000000000000 ] ||
  wrong "it has a capability"
/opt/shinline/current/venv/bin/python $source/tests/deploy/attack.py shinline
proven "it was started again $(show NRestarts) times meanwhile"
sleep 3
[ ! -e /run/shinline-console/shinline.issue ] || wrong "somebody is paired, and the console shows the code"
shinline doctor >/root/said || true
for port in MQTT WebSocket web; do
  grep -q "^ok   $port port: in use by a Shinline" /root/said || wrong "the doctor: $(cat /root/said)"
done
grep -q "^BAD" /root/said && grep "^BAD" -A1 /root/said
proven "the doctor comes while the service runs: $(grep -h "start: " /root/said | cut -c6- | tr '\n' ';')"
shinline pair --all >/dev/null
for _ in $(seq 120); do [ -e /run/shinline-console/shinline.issue ] && break; sleep 1; done
grep -q "no phone is paired" /etc/issue.d/shinline.issue || wrong "the console does not tell how to pair"
[ "$(stat -L -c %a /etc/issue.d/shinline.issue)" = 600 ] || wrong "anybody can read the console's sheet"
proven "the console shows how the first phone is paired, as long as none is"

process=$(show MainPID)
begun=$(now_ms)
kill -KILL "$process"
again "$process" "killed" "$begun"

cp -a /etc/shinline /root/etc
wire_a_lamp
systemctl restart shinline
[ "$(lamp)" = 1 ] || wrong "the lamp is not on: $(cat /var/lib/shinline/pins)"
process=$(show MainPID)
begun=$(now_ms)
kill -KILL "$process"
again "$process" "killed with its lamp on" "$begun"
[ "$(lamp)" = 101 ] || wrong "the lamp was not switched off in between: $(cat /var/lib/shinline/pins)"
[ "$(cut -d' ' -f1 /var/lib/shinline/pins | uniq | wc -l)" = 3 ] || wrong "it was not another process"
proven "what a killed program left on is switched off before it starts again"
cp -a /root/etc/. /etc/shinline
systemctl restart shinline
process=$(show MainPID)
begun=$(now_ms)
kill -STOP "$process"
again "$process" "stuck, and ended by the watchdog" "$begun"

first=$(readlink /opt/shinline/current)
cp -a $source /root/next
sed -i 's/^__version__ = .*/__version__ = "99.0"/' /root/next/src/shinline/__init__.py
process=$(show MainPID)
shinline update /root/next
[ "$(readlink /opt/shinline/current)" = releases/99.0-2 ] || wrong "the update is not current"
[ "$(show MainPID)" != "$process" ] || wrong "the old program runs on"
proven "updated: $(show ExecMainStartTimestamp), 99.0-2 runs"
systemctl restart shinline
proven "and starts anew"

sed -i 's/^__version__ = .*/__version__ = "99.1"/' /root/next/src/shinline/__init__.py
echo 'raise SystemExit("broken on purpose")' >>/root/next/src/shinline/kernel.py
if shinline update --untried /root/next 2>/root/said; then wrong "a broken release was kept"; fi
[ "$(readlink /opt/shinline/current)" = releases/99.0-2 ] || wrong "a broken release is current"
[ "$(show ActiveState)" = active ] || wrong "the release before does not run again"
proven "a release that does not start is taken back: $(cat /root/said)"

# The power goes after the switch: at the next boot nobody watches but the guard.
broken=/opt/shinline/releases/99.1-9
mkdir -p $broken/venv/bin
cp /opt/shinline/current/*.service /opt/shinline/current/*.path /opt/shinline/current/environment $broken
printf '#!/bin/sh\nexit 1\n' >$broken/venv/bin/shinline
chmod +x $broken/venv/bin/shinline
touch $broken/complete
systemctl stop shinline
echo 99.0-2 >/opt/shinline/trial
ln -sfn releases/99.1-9 /opt/shinline/current
systemctl daemon-reload
systemctl start --no-block shinline
again 0 "power cut while a broken release was on trial"
[ "$(readlink /opt/shinline/current)" = releases/99.0-2 ] || wrong "the broken release is current"
[ ! -e /opt/shinline/trial ] || wrong "the trial never ends"
shinline update --rollback
[ "$(readlink /opt/shinline/current)" = "$first" ] || wrong "the rollback went elsewhere"
proven "rolled back: current is $(readlink /opt/shinline/current)"
sh $source/deploy/install.sh --uninstall --purge
if systemctl is-active --quiet shinline; then wrong "it runs on after it was removed"; fi
if grep -qsx mosquitto /proc/[0-9]*/comm; then wrong "its broker runs on"; fi
proven "removed while it ran"
