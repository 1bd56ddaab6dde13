#!/bin/sh
# Boots a copy of a bare Debian root with a systemd of its own and runs a command in it:
#   boot_root.sh BASE UPPER COMMAND...
# Like enter_root.sh, but with everything a service manager needs: its own processes, its own
# control groups, its own /run. Ends with the command, whose exit code is then in UPPER/status.
#   DISK=/dev/loopN  the root has this disk, and a udev that finds it; then it has no network
#   SYSTEM=FILE      the root itself is this file, a disk of ext4, in place of BASE
#   CUT=yes          when the command has ended all is stopped, and killed, as if power had gone:
#                    IMAGE, which that disk is made of, is copied to IMAGE.cut as it is then
# If the root has overlayroot and settings for it, what that package does before systemd starts is
# done here: its own script, as an initial file system would run it.
set -eu
base=$1
upper=$2
shift 2
group=/sys/fs/cgroup
[ "$(stat -f -c %T $group)" = cgroup2fs ] || group=/sys/fs/cgroup/unified

# Nothing of it goes on, and what is not on the disk now never will be.
cut_power() {
  echo 1 >"$group/cgroup.freeze"
  cp --sparse=always "$IMAGE" "$IMAGE.cut"
  echo 1 >"$group/cgroup.kill"
}

outside() {
  [ "$(stat -f -c %T $group)" = cgroup2fs ] || { echo "no cgroup2 on this machine" >&2; exit 77; }
  group=$group/shinline-boot-$$
  mkdir "$group"
  rm -f "$upper/status"
  status=0
  network=""
  [ -z "${DISK:-}" ] || network=--net
  # The shell enters the group first: a control-group namespace begins where its maker is.
  # shellcheck disable=SC2016
  GROUP=$group NETWORK=$network STAGE=inside sh -c \
    'echo $$ >"$GROUP/cgroup.procs" && exec unshare -m -p -f -u -i -C --propagation private $NETWORK "$@"' \
    sh "$0" "$base" "$upper" "$@" &
  if [ "${CUT:-no}" = yes ]; then
    while [ ! -s "$upper/status" ] && kill -0 $! 2>/dev/null; do sleep 0.1; done
    cut_power
  fi
  wait $! || status=$?
  for _ in 1 2 3 4 5; do
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
    sleep 1
  done
  exit $status
}

# What overlayroot does in an initial file system; $root is another mount afterwards.
overlayroot() {
  script=usr/share/initramfs-tools/scripts
  [ -f "$root/$script/init-bottom/overlayroot" ] || return 0
  early=$(mktemp -d)
  mount -t tmpfs tmpfs "$early"
  for folder in usr etc; do
    mkdir "$early/$folder"
    mount --bind "$root/$folder" "$early/$folder"
  done
  for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$early/$folder"; done
  mkdir -p "$early/scripts" "$early/proc" "$early/dev" "$early/tmp" "$early/run" "$early/root"
  cp "$root/$script/functions" "$early/scripts/"
  mount -t proc proc "$early/proc"
  echo "root=/dev/mmcblk0p2 rootwait" >"$early/cmdline"
  mount --bind "$early/cmdline" "$early/proc/cmdline"
  touch "$early/dev/null"
  mount --bind /dev/null "$early/dev/null"
  mount --move "$root" "$early/root"
  chroot "$early" env rootmnt=/root ROOT=/dev/mmcblk0p2 quiet=y sh "/root/$script/init-bottom/overlayroot" || exit 1
  root=$early/root
}

inside() {
  root=$(mktemp -d)
  mkdir -p "$upper/changed" "$upper/work"
  if [ -n "${SYSTEM:-}" ]; then
    disk=$(losetup -f --show "$SYSTEM")
    mount -o ro "$disk" "$root" # as an initial file system does it
    losetup -d "$disk" # when it is no longer mounted
  else
    mount -t overlay overlay -o "lowerdir=$base,upperdir=$upper/changed,workdir=$upper/work" "$root"
  fi
  overlayroot
  [ "$(stat -f -c %T "$root")" = overlayfs ] || mount -o remount,rw "$root"
  mount -t proc proc "$root/proc"
  how=ro
  [ -z "${DISK:-}" ] || how=rw # where it is read-only, systemd takes it that there are no devices
  mount -t sysfs -o $how sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  for device in null zero full random urandom tty ${DISK:+"${DISK#/dev/}"}; do
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
  if [ -n "${DISK:-}" ]; then
    # Only the disk is looked at, not every device of the machine that this runs on. In here systemd
    # learns of it when it reads its units again, not from udev.
    mkdir -p "$root/run/systemd/system"
    printf '[Unit]\nDefaultDependencies=no\nAfter=systemd-udevd.service\n[Service]\nType=oneshot\n%s\n%s\n' \
      "ExecStart=udevadm trigger --settle --action=add /sys/class/block/${DISK#/dev/}" \
      "ExecStart=systemctl daemon-reload" >"$root/run/systemd/system/systemd-udev-trigger.service"
  fi
  run_beside "$@" &
  exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    chroot "$root" /lib/systemd/systemd --unit=multi-user.target --log-target=console --log-level=warning \
    --show-status=no
}

# A process beside systemd, in the same namespaces: waits for it, runs the command, ends it.
run_beside() {
  for _ in $(seq 60); do
    [ -S "$root/run/systemd/private" ] && break
    sleep 1
  done
  status=0
  env -u STAGE -u GROUP -u TMPDIR PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    LANG=C.UTF-8 chroot "$root" "$@" || status=$?
  echo "$status" >"$upper/status"
  [ "${CUT:-no}" = no ] || return 0
  kill -s RTMIN+4 1 2>/dev/null || true
  sleep 20
  kill -s RTMIN+14 1
}

"${STAGE:-outside}" "$@"
