#!/bin/sh
# Runs a command in a throw-away copy of a bare Debian root, in mounts of its own:
#   enter_root.sh BASE UPPER COMMAND...
# BASE stays as it is; what the command changes lies in UPPER afterwards. The project is at /src.
set -eu
base=$1
upper=$2
shift 2
if [ "${INSIDE:-}" != yes ]; then
  INSIDE=yes exec unshare -m --propagation private "$0" "$base" "$upper" "$@"
fi
root=$(mktemp -d)
mkdir -p "$upper/changed" "$upper/work"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$upper/changed,workdir=$upper/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind /sys "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mkdir -p "$root/src"
mount --bind "$(cd "$(dirname "$0")/../.." && pwd)" "$root/src"
mount -o remount,bind,ro "$root/src"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
# A network that looks into what is fetched has an authority of its own.
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
status=0
env -u INSIDE -u TMPDIR PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  HOME=/root LANG=C.UTF-8 chroot "$root" "$@" || status=$?
umount -R -l "$root"
rmdir "$root"
exit $status
