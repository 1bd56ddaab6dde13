#!/bin/sh
# Boots a copy of a bare Debian root with a systemd of its own and runs a command in it:
#   boot_root.sh BASE UPPER COMMAND...
# Like enter_root.sh, but with everything a service manager needs: its own processes, its own
# control groups, its own /run. Ends with the command.
set -eu
base=$1
upper=$2
shift 2
case ${STAGE:-outside} in
outside)
  group=/sys/fs/cgroup
  [ "$(stat -f -c %T $group)" = cgroup2fs ] || group=/sys/fs/cgroup/unified
  [ "$(stat -f -c %T $group)" = cgroup2fs ] || { echo "no cgroup2 on this machine" >&2; exit 77; }
  group=$group/shinline-boot-$$
  mkdir "$group"
  status=0
  # The shell enters the group first: a control-group namespace begins where its maker is.
  GROUP=$group STAGE=inside sh -c \
    'echo $$ >"$GROUP/cgroup.procs" && exec unshare -m -p -f -u -i -C --propagation private "$@"' \
    sh "$0" "$base" "$upper" "$@" || status=$?
  for _ in 1 2 3 4 5; do
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
    sleep 1
  done
  exit $status
  ;;
inside) ;;
esac
root=$(mktemp -d)
mkdir -p "$upper/changed" "$upper/work"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$upper/changed,workdir=$upper/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root/src"
mount --bind "$(cd "$(dirname "$0")/../.." && pwd)" "$root/src"
hostname shinline-test
: >"$root/dev/console"
# A process beside systemd, in the same namespaces: waits for it, runs the command, ends it.
(
  for _ in $(seq 60); do
    [ -S "$root/run/systemd/private" ] && break
    sleep 1
  done
  status=0
  env -u STAGE -u GROUP PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    LANG=C.UTF-8 chroot "$root" "$@" || status=$?
  echo "$status" >"$upper/status"
  kill -s RTMIN+4 1 2>/dev/null || true
  sleep 20
  kill -s RTMIN+14 1
) &
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  chroot "$root" /lib/systemd/systemd --unit=multi-user.target --log-target=console --log-level=warning \
  --show-status=no
