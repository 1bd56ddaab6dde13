#!/bin/sh
# Makes the system disk read-only, so that pulling the plug can do it no harm, with the recordings on
# a partition of their own: sudo deploy/read-only.sh on /dev/sda1 | off | status. See README.md.
set -eu

data=/var/lib/shinline
fstab=/etc/fstab
settings=/etc/overlayroot.local.conf
label=shinline-data
begin="# begin of Shinline's recordings (deploy/read-only.sh off removes it)"
end="# end of Shinline's recordings"

say() { printf 'read-only: %s\n' "$*"; }
fail() {
  printf 'read-only: %s\n' "$*" >&2
  exit 1
}

active() { awk '$2 == "/" { how = $4 } END { print how }' /proc/mounts | grep -q "upperdir=/media/root-rw"; }

# The new file is whole on the disk before it takes the place of the old one.
put() {
  draft=$(mktemp "$1.XXXXXX")
  cat >"$draft"
  chmod 644 "$draft"
  sync "$draft"
  mv "$draft" "$1"
}

without_block() {
  awk -v begin="$begin" -v end="$end" \
    '$0 == begin { inside = 1 } !inside { print } $0 == end { inside = 0 }' "$fstab"
}

on() {
  partition=${1:-}
  active && fail "the system disk is read-only already"
  [ -b "$partition" ] || fail "expected a partition for the recordings, such as /dev/sda1"
  [ "$(findmnt -n -o SOURCE /)" != "$partition" ] || fail "$partition is the system disk itself"
  findmnt -n "$partition" >/dev/null && fail "$partition is in use: expected one that is not mounted"
  kind=$(blkid -o value -s TYPE "$partition" || true)
  [ "$kind" = ext4 ] ||
    fail "expected ext4 on $partition, not '$kind': sudo mkfs.ext4 -L $label $partition (deletes it)"
  uuid=$(blkid -o value -s UUID "$partition")
  [ -d "$data" ] || fail "expected Shinline to be installed: there is no $data"

  say "installing overlayroot"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends overlayroot >/dev/null ||
    fail "overlayroot could not be installed: expected a network"
  systemctl stop shinline shinline-console.path 2>/dev/null || true
  say "copying the recordings to $partition"
  target=$(mktemp -d)
  mount "$partition" "$target"
  cp -a "$data/." "$target/"
  chown shinline:shinline "$target"
  chmod 700 "$target"
  sync -f "$target"
  umount "$target"
  rmdir "$target"
  # Without that disk the device shall not record into memory that is gone at the next boot: the
  # service then does not start, and says what it misses.
  {
    without_block
    echo "$begin"
    echo "UUID=$uuid $data ext4 noatime,nosuid,nodev,noexec,nofail,x-systemd.device-timeout=10s 0 2"
    echo "$end"
  } | put "$fstab"
  mkdir -p /etc/systemd/system/shinline.service.d
  printf '[Unit]\nRequiresMountsFor=%s\n' "$data" | put /etc/systemd/system/shinline.service.d/data.conf
  # recurse=0: only the system disk; otherwise the recordings' partition would forget as well.
  printf 'overlayroot="tmpfs:recurse=0"\n' | put "$settings"
  say "the log of the system is kept in memory: it is gone at a boot"
  say "done: sudo reboot. What is written to the system disk from then on is gone at a boot"
}

off() {
  if active; then
    command -v overlayroot-chroot >/dev/null || fail "expected the command overlayroot-chroot"
    overlayroot-chroot rm -f "$settings"
    say "done: sudo reboot. The recordings stay on their partition"
    return
  fi
  rm -f "$settings"
  say "the system disk is writable; the recordings stay on their partition ($fstab)"
}

status() {
  if active; then say "on: the system disk forgets at a boot"; else say "off: the system disk is written to"; fi
  if findmnt -n "$data" >/dev/null; then
    say "recordings: $(findmnt -n -o SOURCE "$data"), of their own"
  else
    say "recordings: on the system disk"
  fi
}

doing=${1:-}
case $doing in
on | off)
  [ "$(id -u)" = 0 ] || fail "expected to be root: sudo deploy/read-only.sh $*"
  shift
  "$doing" "$@"
  ;;
status) status ;;
*)
  echo "usage: sudo deploy/read-only.sh on PARTITION | off | status" >&2
  exit 2
  ;;
esac
