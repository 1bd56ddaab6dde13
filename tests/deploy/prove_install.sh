#!/bin/bash
# Inside a bare root, without a service manager: installs, repeats, updates, goes back, removes.
# Run by install_in_roots.sh; ends with 1 at the first thing that should not be.
set -eu
source=/src
screen=/etc/systemd/system/shinline-screen.service
units="/etc/systemd/system/shinline.service /etc/systemd/system/shinline-console.service"
cd /

proven() { printf 'ok  %s\n' "$*"; }
wrong() {
  printf 'BAD %s\n' "$*"
  exit 1
}

# What is on the disk, with owner, mode and content; not what the system itself keeps changing.
tree() {
  find / -xdev \( -path /src -o -path /proof -o -path /tmp -o -path /root -o -path /run -o -path /var/cache/apt \
    -o -path /var/lib/apt -o -path /var/log -o -name __pycache__ \) -prune -o \
    \( -type f -o -type l -o -type d \) -printf '%p %M %u:%g %l\n' | sort
}
# Without what belongs to packages of the system, or is made by their own scripts.
ours() {
  # Some packages name /lib what lies in /usr/lib since the folders were merged.
  cat /var/lib/dpkg/info/*.list | sed 'p; s,^/\(lib\|bin\|sbin\),/usr/\1,' | sort -u >/proof/owned
  awk 'NR == FNR { owned[$0]; next } !($1 in owned)' /proof/owned - | grep -vE \
    '^/(var/lib/(dpkg|systemd|mosquitto|avahi-autoipd|dbus|pam|ucf|python)|usr/lib/python3/|usr/lib/systemd/|usr/lib/[^/]*-linux-gnu/|etc/(hosts\.|alternatives|passwd|group|shadow|gshadow|subuid|subgid|rc.\.d|ssl|mosquitto|ld.so|systemd/system/(multi-user|sockets|dbus)|avahi|dbus-1|machine-id|.pwd|mailcap|ucf))|^/usr/bin/|^/usr/sbin/|^/var/cache/(debconf|ldconfig|fontconfig)|^/etc/fonts/conf.d/|^/usr/local/share/fonts|^/usr/share/(mime|icons|man/man1|glib-2.0/schemas)/' || true
}

mkdir -p /proof /boot/firmware
printf '[all]\ncamera_auto_detect=1\n' >/boot/firmware/config.txt
cp /boot/firmware/config.txt /proof/config.txt
tree | ours >/proof/before

sh $source/deploy/install.sh --config-txt --screen
proven "installed, with a second screen"
[ "$(grep -c initial_turbo /boot/firmware/config.txt)" = 1 ] || wrong "config.txt was not written"
# shellcheck disable=SC2086
systemd-analyze verify --man=no $units $screen /etc/systemd/system/shinline-console.path ||
  wrong "systemd does not take the units"
for unit in $units; do
  systemd-analyze security --offline=true --threshold=40 "$unit" >/proof/security ||
    wrong "exposure of $unit is more than 4.0"
  proven "$(tail -n 1 /proof/security | cut -c1-80)"
done
[ "$(stat -c '%U %a' /var/lib/shinline-screen/screen.html)" = "shinline-screen 600" ] ||
  wrong "others may read the second screen's credential"
grep -q 'location.replace("https://127.0.0.1' /var/lib/shinline-screen/screen.html || wrong "the screen's page"
setpriv --reuid shinline-screen --regid shinline-screen --init-groups \
  certutil -d sql:/var/lib/shinline-screen/.pki/nssdb -L | grep -q '^shinline .*C,,' ||
  wrong "the second screen does not trust the device"
shinline pair --list | grep -q screen || wrong "the second screen is not paired"
for program in cage chromium; do
  command -v $program >/dev/null || wrong "the second screen has no $program"
done
proven "the second screen is paired, trusts the device, and is nobody else's"
numpy=$(python3 -c 'import numpy; print(numpy.__version__)')
/opt/shinline/current/venv/bin/python -c "
import numexpr, numpy, sys
sys.exit(numpy.__version__ != '$numpy' or not numpy.__file__.startswith('/usr/lib'))" ||
  wrong "the environment does not use the system's numpy"
proven "numpy $numpy of the system serves, and an extension of the system that was compiled for it"

tree >/proof/once
sh $source/deploy/install.sh --screen >/dev/null
tree >/proof/twice
diff /proof/once /proof/twice || wrong "installing again changed something"
proven "installed again: not a file is different"

# The service's own command line, as its user, with real files of the real place.
mkdir -p /run/shinline
chown shinline: /run/shinline
(
  set -a
  # shellcheck disable=SC1091
  . /opt/shinline/current/environment
  # shellcheck disable=SC1091
  . /etc/shinline/service.env
  export RUNTIME_DIRECTORY=/run/shinline
  set +a
  # shellcheck disable=SC2086,SC2153
  exec setpriv --reuid shinline --regid shinline --init-groups /opt/shinline/current/venv/bin/shinline \
    run --source "$SOURCE" --config /etc/shinline/shinline.toml $OPTIONS >/proof/run.log 2>&1
) &
service=$!
for _ in $(seq 300); do
  grep -q "^phone" /proof/run.log 2>/dev/null && break
  sleep 1
done
grep -q "^broker *mosquitto" /proof/run.log || { cat /proof/run.log; wrong "no mosquitto was started"; }
/opt/shinline/current/venv/bin/python $source/tests/deploy/attack.py shinline ||
  { cat /proof/run.log; wrong "see above"; }
grep -rhoE '[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}' /proof/run.log && wrong "the log shows the pairing code"
kill $service
wait $service || true

first=$(readlink /opt/shinline/current)
cp -a $source /proof/next
sed -i 's/^__version__ = .*/__version__ = "99.0"/' /proof/next/src/shinline/__init__.py
shinline update --untried /proof/next
[ "$(readlink /opt/shinline/current)" = releases/99.0-2 ] || wrong "the update is not current"
[ "$(/opt/shinline/current/venv/bin/shinline --version)" = "shinline, version 99.0" ] || wrong "version"
proven "updated from a folder: 99.0-2 beside ${first#releases/}"
shinline update --rollback
[ "$(readlink /opt/shinline/current)" = "$first" ] || wrong "the rollback went elsewhere"
proven "rolled back to ${first#releases/}"
echo 'raise SystemExit("broken on purpose")' >>/proof/next/src/shinline/kernel.py
if shinline update /proof/next 2>/proof/said; then wrong "a broken release was taken"; fi
grep -q "broken on purpose" /proof/said || wrong "it did not say why: $(cat /proof/said)"
[ "$(readlink /opt/shinline/current)" = "$first" ] || wrong "a broken release is current"
[ "$(find /opt/shinline/releases -mindepth 1 -maxdepth 1 | wc -l)" = 2 ] || wrong "it left something"
proven "a release that does not run is not taken, and says why"
if su -s /bin/sh shinline -c "/opt/shinline/current/venv/bin/shinline update --rollback" 2>/proof/said; then
  wrong "anybody may roll back"
fi
proven "only root may: $(cat /proof/said)"

sh $source/deploy/install.sh --uninstall
if [ -e $screen ] || id shinline-screen 2>/dev/null; then wrong "the second screen is left"; fi
if grep -q screen /var/lib/shinline/access.json; then wrong "the second screen is still paired"; fi
[ -f /var/lib/shinline/access.json ] || wrong "uninstalling deleted who was paired"
if [ -e /opt/shinline ] || [ -e /usr/local/bin/shinline ]; then wrong "something is left"; fi
proven "uninstalled; the recordings' folder stays"
sh $source/deploy/install.sh --uninstall --purge
tree | ours >/proof/after
diff /proof/before /proof/after || wrong "something is left"
cmp /proof/config.txt /boot/firmware/config.txt || wrong "config.txt is not as it was"
id shinline 2>/dev/null && wrong "the user is left"
proven "purged: nothing is left but packages of the system"
