#!/bin/sh
# Makes the system disk read-only, so that pulling the plug can do it no harm, with the recordings on
# a partition of their own: sudo deploy/read-only.sh on /dev/sda1 | off | back | status. See README.md.
set -eu

me=read-only
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
settings=/etc/overlayroot.local.conf
label=shinline-data

# All of a folder, as it is, into another one; on the disk when this ends.
copy() {
  cp -a "$1/." "$2/" && chown shinline:shinline "$2" && chmod 700 "$2" && sync -f "$2"
}

stop() { systemctl stop shinline shinline-console.path 2>/dev/null || true; }

on() {
  partition=${1:-}
  if forgets; then fail "the system disk is read-only already"; fi
  [ -b "$partition" ] || fail "expected a partition for the recordings, such as /dev/sda1"
  [ -d "$data" ] || fail "expected Shinline to be installed: there is no $data"
  if [ "$(findmnt -n -o SOURCE "$data")" = "$partition" ]; then
    say "the recordings are on $partition already"
  else
    take "$partition"
  fi
  command -v overlayroot-chroot >/dev/null || {
    say "installing overlayroot"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends overlayroot >/dev/null ||
      fail "overlayroot could not be installed: expected a network"
  }
  # recurse=0: only the system disk; otherwise the recordings' partition would forget as well.
  printf 'overlayroot="tmpfs:recurse=0"\n' | put "$settings" 644
  say "the log of the system is kept in memory: it is gone at a boot"
  say "done: sudo reboot. What is written to the system disk from then on is gone at a boot"
}

# The recordings move to a partition, which the service needs from then on.
take() {
  [ "$(findmnt -n -o SOURCE /)" != "$1" ] || fail "$1 is the system disk itself"
  if findmnt -n "$1" >/dev/null; then fail "$1 is in use: expected one that is not mounted"; fi
  if findmnt -n "$data" >/dev/null; then
    fail "the recordings are on a partition already: $(findmnt -n -o SOURCE "$data")"
  fi
  kind=$(blkid -o value -s TYPE "$1" || true)
  [ "$kind" = ext4 ] ||
    fail "expected ext4 on $1, not '$kind': sudo mkfs.ext4 -L $label $1 (deletes it)"
  uuid=$(blkid -o value -s UUID "$1")
  stop
  say "copying the recordings to $1"
  target=$(mktemp -d)
  mount "$1" "$target"
  copy "$data" "$target" || {
    umount "$target"
    fail "they do not fit on $1, or it is damaged; nothing was changed"
  }
  umount "$target"
  rmdir "$target"
  # Without that disk the device shall not record into memory that is gone at the next boot: the
  # service then does not start, and says what it misses.
  {
    without_block "$fstab" "$disk_begin" "$disk_end"
    echo "$disk_begin"
    echo "UUID=$uuid $data ext4 noatime,nosuid,nodev,noexec,nofail,x-systemd.device-timeout=10s 0 2"
    echo "$disk_end"
  } | put "$fstab" 644
  mkdir -p "$(dirname "$apart")"
  printf '[Unit]\nRequiresMountsFor=%s\n' "$data" | put "$apart" 644
}

off() {
  if forgets; then
    # It may fail, and tell success.
    overlayroot-chroot rm -f "$settings" || true
    [ ! -e "/media/root-ro$settings" ] || fail "the system disk could not be written to, see above"
    say "done: sudo reboot. The recordings stay on their partition"
    return
  fi
  rm -f "$settings"
  say "the system disk is writable; the recordings stay on their partition ($fstab)"
}

# The way back of all of it: the recordings to the system disk, the partition free.
back() {
  if forgets; then fail "the system disk is read-only: first $0 off, and reboot"; fi
  findmnt -n "$data" >/dev/null || fail "the recordings are on the system disk already"
  rm -f "$settings"
  stop
  target=$(mktemp -d "$data.XXXXXX")
  say "copying the recordings to the system disk"
  copy "$data" "$target" || {
    rm -rf "$target"
    fail "they do not fit on the system disk; nothing was changed"
  }
  rm -rf "$target/lost+found" # of the partition, not of the recordings
  forget_partition
  # What lies under the partition's place is from before it was used.
  mv "$data" "$target.before"
  mv "$target" "$data"
  rm -rf "$target.before"
  systemctl daemon-reload 2>/dev/null || true
  say "done: sudo systemctl start shinline. A copy of the recordings is left on the partition"
}

status() {
  if forgets; then say "on: the system disk forgets at a boot"; else say "off: the system disk is written to"; fi
  if findmnt -n "$data" >/dev/null; then
    say "recordings: $(findmnt -n -o SOURCE "$data"), of their own"
  else
    say "recordings: on the system disk"
  fi
}

doing=${1:-}
case $doing in
on | off | back)
  expect_root "$@"
  shift
  "$doing" "$@"
  ;;
status) status ;;
*)
  echo "usage: sudo deploy/read-only.sh on PARTITION | off | back | status" >&2
  exit 2
  ;;
esac
