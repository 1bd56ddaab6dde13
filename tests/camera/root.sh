#!/usr/bin/env bash
# A Debian trixie root in which the real picamera2 runs on the real libcamera, without a camera:
# Debian's libcamera has the "virtual" pipeline, which shows pictures from a folder as a camera.
# What is not real is in the folder "seams" beside this file, each with its reason.
#
#   root.sh build           make the root, unless it is there (about two minutes; 1.5 GB)
#   root.sh run COMMAND...  run COMMAND in it, in /src, which is the project; nothing stays mounted
#   root.sh why-not         say why it cannot be had here, and nothing where it can
#
# The root is kept in SHINLINE_CAMERA_ROOT, by default in the user's cache folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
root=${SHINLINE_CAMERA_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/shinline-camera-root}
mirror=${SHINLINE_DEBIAN_MIRROR:-http://deb.debian.org/debian}
picamera2=0.3.38
# libcamera of trixie itself (0.4.0) is no use: its virtual camera gives frames without a time.
python=/opt/camera/bin/python
certificates=/etc/ssl/certs/ca-certificates.crt
stamp=$root/.made-$(cat "$here/root.sh" "$project/requirements.lock" | cksum | cut -d' ' -f1)

in_root() { # mounts exist in this process and its children only
  unshare -m --propagation private bash -c '
    root=$1 project=$2; shift 2
    mkdir -p "$root/src"
    mount --rbind /proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --bind "$project" "$root/src"
    mount -t tmpfs tmpfs "$root/run"
    exec chroot "$root" "$@"' in_root "$root" "$project" "$@"
}

bare() { # as little of this machine's settings as possible
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

pip() {
  in_root /usr/bin/env -i PATH=/usr/bin:/bin HOME=/root PIP_CERT=$certificates \
    $python -m pip --disable-pip-version-check "$@"
}

why_not() {
  [ "$(uname -s)" = Linux ] || { echo "it needs Linux"; return; }
  [ "$(id -u)" = 0 ] || { echo "it needs root, for chroot and mount"; return; }
  unshare -m true 2>/dev/null || { echo "this machine does not allow mounts of its own"; return; }
  [ -e "$stamp" ] && return
  command -v debootstrap >/dev/null || command -v apt-get >/dev/null ||
    { echo "debootstrap is not installed, and there is no apt-get to install it with"; return; }
  command -v curl >/dev/null && ! curl -fsI -m 20 "$mirror/dists/trixie/InRelease" >/dev/null &&
    echo "$mirror cannot be reached"
  return 0
}

build() {
  [ -e "$stamp" ] && return
  reason=$(why_not)
  [ -z "$reason" ] || { echo "root.sh: $reason" >&2; exit 1; }
  echo "making $root ..." >&2
  command -v debootstrap >/dev/null || {
    apt-get update -q && apt-get install -y -q --no-install-recommends debootstrap; } >&2
  rm -rf --one-file-system "$root"
  mkdir -p "$root"
  bare debootstrap --variant=minbase --include=ca-certificates trixie "$root" "$mirror"
  cp -L /etc/resolv.conf "$root/etc/"
  [ ! -e $certificates ] || cp -L $certificates "$root$certificates"
  echo "deb $mirror trixie-backports main" >"$root/etc/apt/sources.list.d/backports.list"
  bare chroot "$root" apt-get update -q
  bare chroot "$root" apt-get install -y -q --no-install-recommends \
    python3-venv python3-prctl python3-dev gcc libc6-dev libarchive13t64
  bare chroot "$root" apt-get install -y -q --no-install-recommends -t trixie-backports \
    python3-libcamera
  bare chroot "$root" apt-get clean
  bare chroot "$root" python3 -m venv --system-site-packages ${python%/bin/python}
  # The compiler's package is as pinned as the rest, and picamera2 must do with the numpy in there.
  pip install --quiet --require-hashes -r /src/requirements.lock
  pip install --quiet "picamera2==$picamera2" "pytest>=8.3" "hypothesis>=6.100"
  touch "$stamp"
}

seams() { # small enough to be made anew each time
  bare chroot "$root" gcc -shared -fPIC -O2 -Wall -Werror -o /usr/local/lib/dma_heap.so -x c - \
    <"$here/seams/dma_heap.c"
  mkdir -p "$root/usr/share/libcamera/pipeline/virtual" "$root/scene"
  installed=$root/.installed-$(cksum <"$project/pyproject.toml" | cut -d' ' -f1)
  [ -e "$installed" ] || {
    pip install --quiet --no-deps --no-build-isolation --editable /src
    rm -f "$root"/.installed-*
    touch "$installed"
  }
}

run() {
  seams
  # Compiled kernels are kept for as long as not one line of the product changes.
  kept=/var/cache/shinline-$(find "$project/src" -name '*.py' -print0 | sort -z | xargs -0 cat |
    cksum | cut -d' ' -f1)
  [ -d "$root$kept" ] || rm -rf "$root"/var/cache/shinline-*
  mkdir -p "$root$kept"
  in_root /usr/bin/env -i PATH=/opt/camera/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    LC_ALL=C.UTF-8 XDG_CACHE_HOME="$kept" PYTHONPATH=/src/tests/camera/seams \
    PYTHONDONTWRITEBYTECODE=1 LIBCAMERA_LOG_LEVELS="*:ERROR" \
    LD_PRELOAD=/usr/local/lib/dma_heap.so /bin/sh -c 'cd /src && exec "$@"' run "$@"
}

case ${1:-} in
  build) build ;;
  run) shift; build; run "$@" ;;
  why-not) why_not ;;
  *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
