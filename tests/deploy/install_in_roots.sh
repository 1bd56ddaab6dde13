#!/bin/bash
# make test-install: the installer for real, in bare Debian roots. SUITES="trixie bookworm" by default.
# Needs root, debootstrap and reachable archives; says what is missing and ends with 77 otherwise.
# Roots are kept in SHINLINE_ROOTS (default /var/tmp/shinline-roots) for the next time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
roots=${SHINLINE_ROOTS:-/var/tmp/shinline-roots}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

not_run() {
  echo "test-install: NOT RUN: $*"
  exit 77
}
[ "$(id -u)" = 0 ] || not_run "expected to be root"
for program in debootstrap unshare git losetup mkfs.ext4; do
  command -v "$program" >/dev/null || not_run "expected the program $program"
done

work=$(mktemp -d "${TMPDIR:-/var/tmp}/shinline-install.XXXXXX")
trap 'rm -rf "$work"' EXIT
# A copy: what is edited meanwhile would be another release.
mkdir "$work/project" "$roots" 2>/dev/null || [ -d "$roots" ]
git -C "$here/../.." ls-files -z --cached --others --exclude-standard |
  tar -C "$here/../.." --null --files-from=- -cf - | tar -C "$work/project" -xf -

for suite in ${SUITES:-trixie bookworm}; do
  base=$roots/$suite
  if [ ! -f "$base.ready" ]; then
    echo "test-install: making the root of $suite in $base (once)"
    rm -rf "$base"
    debootstrap --variant=minbase --include=ca-certificates,systemd,python3-numpy,python3-numexpr \
      "$suite" "$base" "$mirror" >"$base.log" 2>&1 || not_run "debootstrap $suite failed: see $base.log"
    touch "$base.ready"
  fi
  for proof in ${PROOFS:-install boot read_only}; do
    echo "test-install: $suite, $proof"
    status=0
    upper=$work/$suite-$proof
    mkdir "$upper"
    case $proof in
    install) set -- enter_root.sh "$base" "$upper" bash /src/tests/deploy/prove_install.sh ;;
    boot) set -- boot_root.sh "$base" "$upper" bash /src/tests/deploy/prove_boot.sh ;;
    read_only) set -- prove_read_only.sh "$base" "$upper" ;;
    *) echo "test-install: expected PROOFS of install, boot, read_only, not $proof" && exit 2 ;;
    esac
    "$work/project/tests/deploy/$1" "${@:2}" || status=$?
    [ "$proof" != boot ] || status=$(cat "$upper/status" 2>/dev/null || echo "$status")
    [ "$status" = 0 ] || { echo "test-install: $suite, $proof: failed ($status)"; exit 1; }
    rm -rf "$upper"
  done
done
echo "test-install: all proven"
