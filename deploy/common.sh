# shellcheck shell=sh
# What the scripts of this folder share; they name themselves in $me first.

me=${me:?expected: the name of the script}
data=/var/lib/shinline
fstab=/etc/fstab
apart=/etc/systemd/system/shinline.service.d/data.conf
disk_begin="# begin of Shinline's recordings (deploy/read-only.sh back removes it)"
disk_end="# end of Shinline's recordings"

say() { printf '%s: %s\n' "$me" "$*"; }
fail() {
  printf '%s: %s\n' "$me" "$*" >&2
  exit 1
}

expect_root() { [ "$(id -u)" = 0 ] || fail "expected to be root: sudo $0 $*"; }

# Whether the system disk lies under a memory that forgets at a boot (the package overlayroot).
forgets() {
  awk '$2 == "/" { how = $4 } END { print how }' /proc/mounts | grep -q "upperdir=/media/root-rw"
}

# Writes standard input to a file if it says something else; a power cut leaves the old or the new.
put() {
  path=$1
  mode=$2
  owner=${3:-root:root}
  draft=$(mktemp "$path.XXXXXX")
  cat >"$draft"
  if [ -f "$path" ] && cmp -s "$draft" "$path"; then
    rm "$draft"
  else
    sync "$draft"
    mv "$draft" "$path"
    say "wrote $path"
  fi
  chown "$owner" "$path"
  chmod "$mode" "$path"
}

# A file without the lines from one to another one, both of them included.
without_block() {
  awk -v begin="$2" -v end="$3" \
    '$0 == begin { inside = 1 } !inside { print } $0 == end { inside = 0 }' "$1"
}

# The recordings' partition is a plain folder's place again, and nothing waits for it any more.
forget_partition() {
  if findmnt -n "$data" >/dev/null 2>&1; then umount "$data"; fi
  if grep -qsx "$disk_begin" "$fstab"; then
    without_block "$fstab" "$disk_begin" "$disk_end" | put "$fstab" 644
  fi
  rm -f "$apart"
  rmdir --ignore-fail-on-non-empty "$(dirname "$apart")" 2>/dev/null || true
}
