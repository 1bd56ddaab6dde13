#!/usr/bin/env bash
# make test-arm64: the core's tests and the golden recording on an emulated 64-bit ARM.
# $1 is this machine's Python; what follows goes to pytest in place of the usual choice of tests.
# The root with its compiled kernels is kept in $SHINLINE_ARM64 (1.2 GB), outside the project.
set -eu
python=$1
shift
here=$(dirname "$(readlink -f "$0")")
for needed in debootstrap qemu-aarch64-static unshare; do
  command -v "$needed" >/dev/null || missing="${missing:-} $needed"
done
[ -z "${missing:-}" ] || {
  echo "test-arm64 was not run: missing$missing (apt-get install debootstrap qemu-user-static)"
  exit 1
}
[ "$(id -u)" = 0 ] || { echo "test-arm64 was not run: it makes a root, so it must be root"; exit 1; }
root=${SHINLINE_ARM64:-${XDG_CACHE_HOME:-$HOME/.cache}/shinline/arm64}
"$here/root.sh" "$root" "$python"

# Forked, because a new program of the foreign architecture could not be started without binfmt.
"$here/run.sh" "$root" -u -c '
from shinline.app.warming import warm
last = [-1]
def tell(what, share):
    if int(20 * share) > last[0]:
        last[0] = int(20 * share)
        print(f"{what}: {share:.0%}")
print(warm(tell, start="fork"))'

cd "$here/../.."
tests="tests/golden tests/unit/test_smooth.py tests/unit/test_segment.py tests/unit/test_lifts.py
  tests/unit/test_engine_lifts.py tests/unit/test_journal_codec.py tests/unit/test_replay.py
  tests/unit/test_ring_detector.py tests/unit/test_plate.py tests/unit/test_steady.py
  tests/properties/test_motion_kernels.py tests/properties/test_ring_twins.py
  tests/properties/test_ring_measure_twins.py tests/properties/test_plate_kernels.py
  tests/properties/test_steady_kernels.py tests/properties/test_floor_kernels.py
  tests/properties/test_bank.py tests/properties/test_lens.py tests/properties/test_plane.py"
[ $# -gt 0 ] || set -- $tests
exec "$here/run.sh" "$root" -m pytest -q -p no:cacheprovider --rootdir /src "$@"
