#!/usr/bin/env bash
# Makes a Debian trixie of 64-bit ARM in the folder $1, to be run by qemu-user: with Python and the
# packages of the lock files, all of them unpacked on this machine at its own speed. Nothing of the
# foreign architecture runs here, so no binfmt is needed and no package is configured.
set -eu
root=$1 python=$2
here=$(dirname "$(readlink -f "$0")")
project=$(readlink -f "$here/../..")
[ -e "$root/.made" ] && exit 0
rm -rf --one-file-system "$root"
mkdir -p "$root"
echo "unpacking Debian trixie (arm64) into $root ..."
debootstrap --arch=arm64 --foreign --variant=minbase --include=python3,libexpat1,ca-certificates \
  trixie "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$root.log" 2>&1 \
  || { tail -5 "$root.log"; echo "debootstrap failed; the whole of it is in $root.log"; exit 1; }
for package in "$root"/var/cache/apt/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$root"
done
rm -f "$root/proc"
mkdir -p "$root/proc" "$root/dev" "$root/src" "$root/opt/site"
cp "$(command -v qemu-aarch64-static)" "$root/usr/bin/"

echo "installing the packages of the lock files ..."
{
  "$python" "$here/pins.py" "$project/requirements.lock"
  "$python" "$here/pins.py" "$project/requirements-dev.lock" \
    pytest iniconfig pluggy hypothesis sortedcontainers scipy filterpy
} | sort -u >"$root/opt/pins.txt"
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
  --ignore-requires-python --only-binary=:all: --python-version 3.13 --implementation cp \
  --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 \
  --platform manylinux_2_17_aarch64 --platform manylinux2014_aarch64 \
  --target "$root/opt/site" -r "$root/opt/pins.txt"
touch "$root/.made"
