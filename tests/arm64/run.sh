#!/usr/bin/env bash
# Runs Python of the root $1 with the rest of the arguments, emulated, in a mount namespace of its
# own: nothing stays mounted. CPU names the processor LLVM compiles for (cortex-a53: Pi 3 and Zero
# 2 W, cortex-a72: Pi 4, cortex-a76: Pi 5), because an emulated one cannot be asked.
set -eu
export ROOT=$1 PROJECT
PROJECT=$(readlink -f "$(dirname "$0")/../..")
shift
exec unshare -m --propagation private bash -c '
  mount --bind /proc "$ROOT/proc"
  mount --bind /dev "$ROOT/dev"
  mount --bind -o ro "$PROJECT" "$ROOT/src"
  exec chroot "$ROOT" /usr/bin/qemu-aarch64-static \
    -E PATH=/usr/bin -E HOME=/root -E LC_ALL=C.UTF-8 \
    -E PYTHONPATH=/opt/site:/src/src:/src/firmware:/src/calibration \
    -E XDG_CACHE_HOME=/opt/cache -E NUMBA_CPU_NAME="${CPU:-cortex-a72}" -E NUMBA_CPU_FEATURES= \
    -E HYPOTHESIS_PROFILE=emulated -E PYTHONPYCACHEPREFIX=/opt/pyc \
    /usr/bin/python3.13 "$@"' run "$@"
