#!/bin/bash
# Inside a root: the steps of prove_read_only.sh, one for each boot. Ends with 1 at the first thing
# that should not be.
set -eu
data=/var/lib/shinline
journal=$data/journal.sqlite3
read_only=/opt/shinline/read-only.sh
notes=/src/.proof # what one boot tells the next one; beside both disks, so that it puts nothing on them
cd /

proven() { printf 'ok  %s\n' "$*"; }
wrong() {
  printf 'BAD %s\n' "$*"
  if [ -d /run/systemd/system ]; then systemctl status --no-pager --lines=20 shinline "$data" || true; fi
  exit 1
}
kept() {
  /opt/shinline/current/venv/bin/python -c "
import sqlite3, sys
with sqlite3.connect('file:$journal?mode=ro', uri=True) as journal:
    print(*journal.execute(sys.argv[1]).fetchone())" "$1"
}
ready() {
  for _ in $(seq 300); do
    systemctl is-active --quiet shinline && return
    sleep 0.2
  done
  wrong "the service is not ready"
}

prepare() {
  disk=$1
  # What Raspberry Pi OS has and a bare root has not: the one finds disks, the other checks them.
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends udev e2fsprogs >/dev/null
  printf '/dev/mmcblk0p2 / ext4 defaults,noatime 0 1\n' >/etc/fstab
  sh /src/deploy/install.sh --no-tls
  refused() {
    if sh $read_only on "$@" >/dev/null 2>/tmp/said; then wrong "it took $*"; fi
    proven "refused: $(cat /tmp/said)"
  }
  refused /dev/null
  refused "$disk"
  mkfs.ext4 -q -L shinline-data "$disk"
  sh $read_only on "$disk"
  cp /etc/fstab /tmp/fstab
  sh $read_only status | grep -q "^read-only: off" || wrong "it takes itself to be on before a boot"
  proven "switched on; it takes force at the next boot"
}

lift() {
  ready
  sh $read_only status
  sh $read_only status | grep -q "^read-only: on" || wrong "the system disk is written to"
  [ "$(findmnt -n -o FSTYPE $data)" = ext4 ] || wrong "the recordings have no partition of their own"
  proven "ready on a system disk that forgets: $(systemctl show --value --property=StatusText shinline)"
  touch /etc/will-be-forgotten
  if sh /src/deploy/install.sh >/dev/null 2>/tmp/said; then wrong "it was installed into memory"; fi
  grep -q "read-only" /tmp/said || wrong "it did not say why: $(cat /tmp/said)"
  if shinline update /src 2>/tmp/said; then wrong "it was updated into memory"; fi
  proven "refused: $(cat /tmp/said)"
  for _ in $(seq 600); do
    [ "$(kept "SELECT COUNT(*) > 2 FROM reps WHERE NOT void")" = 1 ] && break
    sleep 0.2
  done
  # In mid-set: a set has another repetition, and has not ended.
  first="SELECT id FROM sessions ORDER BY started_utc_ns DESC LIMIT 1"
  lifted="SELECT COUNT(*) FROM reps WHERE session = ($first)"
  for _ in $(seq 1200); do
    [ "$(kept "SELECT COUNT(*) > (SELECT COALESCE(SUM(reps), 0) FROM sets WHERE session = ($first))
      FROM reps WHERE session = ($first)")" = 1 ] && break
    sleep 0.05
  done
  session=$(kept "$first")
  reps=$(kept "$lifted")
  shown=$(kept "SELECT MAX(end_ns) FROM reps WHERE session = '$session'")
  [ "$reps" -gt 0 ] || wrong "nobody lifts"
  sleep 3
  echo "$session $reps $shown $(kept "SELECT MAX(t_last_ns) FROM chunks WHERE session = '$session'")" >$notes
  proven "in a set, $reps repetitions of it recorded; the power goes"
}

after_the_cut() {
  ready
  [ ! -e /etc/will-be-forgotten ] || wrong "the system disk did not forget"
  read -r session reps shown latest <$notes
  [ "$(kept "PRAGMA integrity_check")" = ok ] || wrong "the journal is damaged"
  there=$(kept "SELECT COUNT(*) FROM reps WHERE session = '$session'")
  [ "$there" -ge "$reps" ] || wrong "of $reps repetitions that were told $there are kept"
  last=$(kept "SELECT MAX(t_last_ns) FROM chunks WHERE session = '$session'")
  [ "$last" -ge "$shown" ] || wrong "pictures from before the end of the last repetition are gone"
  late=$(((latest - last) / 1000000))
  proven "the journal is whole, the $reps repetitions are there;" \
    "of the pictures after them $((late > 0 ? late : 0)) ms are gone"
  [ "$(kept "SELECT id FROM sessions ORDER BY started_utc_ns DESC LIMIT 1")" != "$session" ] ||
    wrong "there is no new session"
  shinline replay "$session" --check >/tmp/said 2>&1 || wrong "it cannot be replayed: $(cat /tmp/said)"
  proven "the next session is recorded beside it; the one that was cut replays: $(tail -n 1 /tmp/said)"
  systemctl stop shinline
}

without_the_disk() {
  sleep 15
  if systemctl is-active --quiet shinline; then wrong "it records into memory"; fi
  grep -qsx shinline /proc/[0-9]*/comm && wrong "it runs"
  proven "without the partition the service does not start:" \
    "$(systemctl show --value --property=SubState,Result shinline | tr '\n' ' ')"
}

switch_off() {
  ready
  sh $read_only off
  if sh $read_only back 2>/tmp/said; then wrong "it went back before a boot"; fi
  proven "refused: $(cat /tmp/said)"
}

back() {
  sh $read_only status | grep -q "^read-only: off" || wrong "the system disk still forgets"
  ready
  there=$(kept "SELECT COUNT(*) FROM sessions")
  sh $read_only back
  systemctl start shinline
  ready
  if findmnt -n $data; then wrong "the partition is still in use"; fi
  [ "$(kept "SELECT COUNT(*) FROM sessions")" -gt "$there" ] || wrong "sessions are gone"
  [ "$(cat /etc/fstab)" = "/dev/mmcblk0p2 / ext4 defaults,noatime 0 1" ] || wrong "fstab is not as it was"
  [ ! -e /etc/systemd/system/shinline.service.d ] || wrong "something is left"
  proven "undone: $there sessions came along, fstab and the unit are as they were"
  sh /opt/shinline/uninstall --uninstall --purge
}

"$@"
