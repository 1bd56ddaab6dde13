#!/bin/bash
# The read-only system disk, for real: prove_read_only.sh BASE UPPER, run by install_in_roots.sh.
# The recordings' partition is a file that a loop device makes a disk of, and so is the system disk
# once everything is installed. Each step is a boot.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
base=$1
upper=$2
image=$upper/disk.img
DISK=""
free() { [ -z "$DISK" ] || losetup -d "$DISK"; }
trap free EXIT

attach() {
  free
  DISK=$(losetup -f --show "$1")
  export DISK
}
boot() {
  "$here/boot_root.sh" "$base" "$upper" bash /src/tests/deploy/read_only_steps.sh "$@" || true
  [ "$(cat "$upper/status" 2>/dev/null || echo 1)" = 0 ] || exit 1
}

truncate -s 512M "$image"
attach "$image"
"$here/enter_root.sh" "$base" "$upper" bash /src/tests/deploy/read_only_steps.sh prepare "$DISK"
export SYSTEM=$upper/system.img
truncate -s 4G "$SYSTEM"
mkfs.ext4 -q "$SYSTEM"
# shellcheck disable=SC2016
unshare -m --propagation private sh -euc '
  mkdir "$2/from" "$2/to"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/changed,workdir=$2/work" "$2/from"
  mount -o loop "$SYSTEM" "$2/to"
  cp -a "$2/from/." "$2/to/"' sh "$base" "$upper"
CUT=yes IMAGE=$image boot lift
attach "$image.cut"
boot after_the_cut
truncate -s 64M "$upper/other.img" # another stick in its place
attach "$upper/other.img"
boot without_the_disk
attach "$image.cut"
boot switch_off
boot back
