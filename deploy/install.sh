#!/bin/sh
# Installs Shinline as a service: sudo deploy/install.sh. Again: nothing, or the changed release.
# See README.md in this folder.
set -eu

usage() {
  cat <<'EOF'
usage: sudo deploy/install.sh [--no-tls] [--screen] [--config-txt] [--untried]
       sudo deploy/install.sh --uninstall [--purge]

  --no-tls      no certificates: phones are served without encryption
  --screen      a television at this device's HDMI shows the cues, in place of its console
  --config-txt  write the settings for a quicker start into the firmware's config.txt
                (in a marked block; without it they are only printed)
  --untried     do not compile and try the program now; its first start takes minutes then
  --uninstall   remove what this installed; recordings, pairings and settings stay
  --purge       with --uninstall: remove those too
EOF
}

me=install
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
opt=/opt/shinline
etc=/etc/shinline
cache=/var/cache/shinline
units="shinline.service shinline-console.service shinline-console.path"
screen_unit=shinline-screen.service
screen_home=/var/lib/shinline-screen
screen_packages="cage libnss3-tools" # and a browser, under one of its two names
wants=/etc/systemd/system/multi-user.target.wants
command=/usr/local/bin/shinline
avahi=/etc/avahi/services/shinline.service
issue=/etc/issue.d/shinline.issue
notes=$etc/installed
firmware_config=${SHINLINE_CONFIG_TXT:-/boot/firmware/config.txt}
begin="# begin of Shinline's settings (deploy/install.sh --uninstall removes them)"
end="# end of Shinline's settings"

booted() { [ -d /run/systemd/system ]; }
noted() { [ -f "$notes" ] && grep -qx "$1" "$notes"; }
note() { noted "$1" || printf '%s\n' "$1" >>"$notes"; }
there() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

link() {
  [ "$(readlink "$2" 2>/dev/null)" = "$1" ] && return
  ln -sfn "$1" "$2"
  say "linked $2"
}

# --- what the machine is ------------------------------------------------------------------------

expect_system() {
  command -v apt-get >/dev/null || fail "expected Raspberry Pi OS or Debian: there is no apt-get"
  architecture=$(dpkg --print-architecture)
  case $architecture in
  arm64 | amd64) ;;
  *) fail "expected a 64-bit system, this is $architecture: the compiler has no version for it" ;;
  esac
  # shellcheck disable=SC1091
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-unknown}")
  case $codename in
  bookworm | trixie) say "system: $codename, $architecture" ;;
  *) say "system: $codename, $architecture; tried are bookworm and trixie only" ;;
  esac
  if forgets; then fail "the system disk is read-only: switch that off first (deploy/read-only.sh off)"; fi
  [ "$screen" = no ] || expect_free_screen
}

# Two programs cannot draw on one screen.
expect_free_screen() {
  if [ -L /etc/systemd/system/display-manager.service ]; then
    fail "a desktop has this screen: open the pages in its browser (/?screen=1), or switch it off" \
      "first (raspi-config nonint do_boot_behaviour B1) and run this again"
  fi
}

is_pi() { grep -qs "Raspberry Pi" /proc/device-tree/model; }

# --- packages -----------------------------------------------------------------------------------

install_packages() {
  missing=""
  listed=$(sed 's/#.*//' "$here/apt-packages.txt")
  [ "$screen" = no ] || listed="$listed $screen_packages $(browser_package)"
  for package in $listed; do
    there "$package" || missing="$missing $package"
  done
  [ -n "$missing" ] || {
    say "packages of the system: all there"
    return
  }
  say "packages of the system: reading the list"
  apt-get update -q >/dev/null || fail "apt-get update failed: expected a network"
  wanted=""
  for package in $missing; do
    if apt-cache policy "$package" | grep -q "^  Candidate: [^(]"; then
      wanted="$wanted $package"
    elif is_pi; then
      fail "$package is not in this system's archives: expected Raspberry Pi OS"
    else
      say "$package: not in this system's archives; only those of Raspberry Pi OS have it"
    fi
  done
  [ -n "$wanted" ] || return 0
  say "packages of the system: installing$wanted"
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $wanted >/dev/null ||
    fail "apt-get install failed, see above"
  for package in $wanted; do note "package $package"; done
}

browser_package() {
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || echo chromium
}

# Shinline starts a mosquitto of its own, as its own user and with its own accounts. The service
# that the package brings serves nobody; one that was there before is the owner's and stays.
settle_mosquitto() {
  if noted "package mosquitto"; then
    if ! noted "mosquitto disabled"; then
      systemctl disable --now mosquitto >/dev/null 2>&1 || true
      note "mosquitto disabled"
      say "mosquitto: the package's service is off, Shinline starts its own"
    fi
  elif systemctl is-enabled --quiet mosquitto 2>/dev/null; then
    say "mosquitto: yours stays as it is; Shinline's own takes ports 1884 and 9002"
    broker_ports="
[mqtt]  # another mosquitto has the usual ports
port = 1884
ws_port = 9002"
  fi
}

# --- user, folders, settings --------------------------------------------------------------------

make_user() {
  if ! id shinline >/dev/null 2>&1; then
    useradd --system --user-group --no-create-home --home-dir "$data" \
      --shell /usr/sbin/nologin shinline
    say "made the user shinline"
  fi
  for group in video gpio spi; do
    if getent group "$group" >/dev/null && ! id -nG shinline | grep -qw "$group"; then
      usermod --append --groups "$group" shinline
    fi
  done
}

make_screen_user() {
  if ! id shinline-screen >/dev/null 2>&1; then
    useradd --system --user-group --no-create-home --home-dir "$screen_home" \
      --shell /usr/sbin/nologin shinline-screen
    say "made the user shinline-screen"
  fi
  for group in video render input; do
    if getent group "$group" >/dev/null; then usermod --append --groups "$group" shinline-screen; fi
  done
  install -d -m 700 -o shinline-screen -g shinline-screen "$screen_home"
}

make_folders() {
  install -d -m 755 "$opt" "$etc" /etc/issue.d /usr/local/bin "$wants"
  install -d -m 700 -o shinline -g shinline "$data" "$cache"
  # A new version of these is in place before a release that counts on it.
  put "$opt/guard" 755 <"$here/guard"
  put "$opt/console-sheet" 755 <"$here/console-sheet"
  put "$opt/README.md" 644 <"$here/README.md"
  put "$opt/common.sh" 644 <"$here/common.sh"
  put "$opt/uninstall" 755 <"$here/install.sh"
  put "$opt/read-only.sh" 755 <"$here/read-only.sh"
  put "$command" 755 <"$here/shinline-command"
}

make_settings() {
  if [ ! -f "$etc/shinline.toml" ]; then
    printf '%s\n' \
      "# Settings of the service; what is not named keeps its default. See docs/ of the project." \
      "# It may hold passwords: only root and the service can read it.$broker_ports" |
      put "$etc/shinline.toml" 640 root:shinline
  fi
  if [ ! -f "$etc/service.env" ]; then
    if python3 -c 'import importlib.util as u, sys; sys.exit(u.find_spec("picamera2") is None)'; then
      chosen=picamera
      options=
    else
      chosen=simulation
      options=--loop
      say "no camera package: the service shows a simulated lift (SOURCE in $etc/service.env)"
    fi
    printf '%s\n' "# Where frames come from: picamera, or another source of shinline run." \
      "SOURCE=$chosen" "# Further options of shinline run." "OPTIONS=$options" |
      put "$etc/service.env" 644
  fi
}

# --- the release --------------------------------------------------------------------------------

install_release() {
  PYTHONPATH="$source/firmware" python3 -B -m shinline_pi.installing $untried "$source" ||
    fail "no release was installed; what ran before runs on"
}

install_units() {
  for unit in $units; do link "$opt/current/$unit" "/etc/systemd/system/$unit"; done
  [ "$(readlink $issue 2>/dev/null)" = /run/shinline-console/shinline.issue ] ||
    link /run/shinline-console/shinline.issue "$issue"
  if [ -d /etc/avahi/services ]; then put "$avahi" 644 <"$here/avahi.service"; fi
  # Not with systemctl enable: it would resolve "current", and name a release that goes some day.
  for unit in $units; do link "/etc/systemd/system/$unit" "$wants/$unit"; done
}

make_certificates() {
  [ "$tls" = yes ] || return 0
  if [ -d "$data/tls" ]; then
    say "certificates: there already"
  else
    "$command" tls >/dev/null || fail "shinline tls failed, see above"
    if booted; then systemctl --no-block try-restart shinline 2>/dev/null || true; fi # it serves them then
    say "certificates: made; phones are served encrypted once they trust $data/tls/ca.crt"
  fi
}

# The second screen: one more client, under a user of its own; see docs/indicators.md.
make_screen() {
  [ "$screen" = yes ] || return 0
  make_screen_user
  page=$screen_home/screen.html
  if [ ! -f "$page" ]; then
    "$command" pair --screen "$page" >/dev/null || fail "shinline pair --screen failed, see above"
    chown shinline-screen:shinline-screen "$page"
  fi
  if [ -f "$data/tls/ca.crt" ]; then
    trust=$screen_home/.pki/nssdb
    if [ ! -f "$trust/cert9.db" ]; then
      as_screen mkdir -p -m 700 "$trust"
      as_screen certutil -d "sql:$trust" -N --empty-password
    fi
    # The certificate itself lies where only the service may look.
    as_screen certutil -d "sql:$trust" -L -n shinline >/dev/null 2>&1 ||
      as_screen certutil -d "sql:$trust" -A -t C,, -n shinline <"$data/tls/ca.crt"
  fi
  link "$opt/current/$screen_unit" "/etc/systemd/system/$screen_unit"
  link "/etc/systemd/system/$screen_unit" "$wants/$screen_unit"
}

as_screen() {
  HOME=$screen_home setpriv --reuid shinline-screen --regid shinline-screen --init-groups "$@"
}

start() {
  if ! booted; then
    say "systemd does not run here: the service is enabled, and starts with the next boot"
    return
  fi
  systemctl daemon-reload
  if [ "$screen" = yes ]; then systemctl start --no-block "$screen_unit"; fi
  systemctl start shinline-console.path
  systemctl start --no-block shinline-console.service
  systemctl is-active --quiet shinline && say "the service runs" && return
  say "starting the service"
  systemctl start shinline || {
    say "it is not ready: journalctl -u shinline says why; it is tried again every 2 s"
    return
  }
  say "the service runs: journalctl -u shinline"
}

# --- the firmware's settings --------------------------------------------------------------------

hints() {
  cat <<EOF
$begin
# Full speed of the processor until the system has started, and no picture in between.
initial_turbo=60
disable_splash=1
$end
EOF
}

without_block() {
  awk -v begin="$begin" -v end="$end" \
    '$0 == begin { inside = 1 } !inside { print } $0 == end { inside = 0 }' "$1"
}

firmware_settings() {
  [ -f "$firmware_config" ] || return 0
  if [ "$config_txt" = yes ]; then
    mode=$(stat -c %a "$firmware_config")
    { without_block "$firmware_config" && hints; } | put "$firmware_config" "$mode"
  elif ! grep -qx "$begin" "$firmware_config"; then
    say "for a quicker start add to $firmware_config (or run this with --config-txt):"
    hints | sed -n 's/^[a-z].*/install:   &/p'
    say "a camera that is not found by itself: camera_auto_detect=0 and dtoverlay=NAME there"
  fi
}

# --- afterwards ---------------------------------------------------------------------------------

farewell() {
  if [ ! -e "/etc/systemd/system/$screen_unit" ] &&
    grep -qsx connected /sys/class/drm/card*-HDMI-*/status; then
    say "a screen is at HDMI: install.sh --screen makes it show the cues"
  fi
  name=$(hostname 2>/dev/null || cat /etc/hostname)
  [ "$name" = shinline ] ||
    say "pages: http://$name.local:8080 (shinline.local: raspi-config nonint do_hostname shinline)"
  if [ -t 1 ]; then
    "$command" pair || say "the pairing code could not be shown: sudo shinline pair"
  else
    say "to pair a phone: sudo shinline pair, or look at the device's screen"
  fi
  say "done. To print and hang up: sudo shinline pair --sheet pair.pdf; to check: sudo shinline doctor"
}

uninstall() {
  if forgets; then fail "the system disk is read-only: switch that off first ($opt/read-only.sh off)"; fi
  # shellcheck disable=SC2086
  if booted; then systemctl stop $units $screen_unit 2>/dev/null || true; fi
  remove_screen
  for unit in $units; do rm -f "/etc/systemd/system/$unit" "$wants/$unit"; done
  if booted; then systemctl daemon-reload; fi
  rm -f "$command" "$avahi" "$issue"
  rm -rf /run/shinline-console "$cache"
  rmdir --ignore-fail-on-non-empty /etc/issue.d 2>/dev/null || true
  say "removed the service, its releases, and what was compiled"
  if [ -f "$firmware_config" ] && grep -qx "$begin" "$firmware_config"; then
    mode=$(stat -c %a "$firmware_config")
    without_block "$firmware_config" | put "$firmware_config" "$mode"
  fi
  if noted "mosquitto disabled"; then
    systemctl enable --quiet mosquitto 2>/dev/null || true
    say "mosquitto: the package's service is enabled again, as it came"
  fi
  packages=$(sed -n 's/^package //p' "$notes" 2>/dev/null | tr '\n' ' ')
  [ -z "$packages" ] || say "packages stay; if nothing else needs them: sudo apt-get remove $packages"
  rm -rf "$opt" # with this script, and what it was read from
  if [ "$purge" = yes ]; then
    [ ! -d "$data" ] || find "$data" -mindepth 1 -delete
    forget_partition
    rm -rf "$data" "$etc"
    if id shinline >/dev/null 2>&1; then userdel shinline; fi
    say "removed recordings, pairings, certificates, settings, and the user shinline"
  else
    rm -f "$notes"
    say "kept $data and $etc (--purge removes them)"
  fi
}

remove_screen() {
  [ -e "$wants/$screen_unit" ] || [ -d "$screen_home" ] || return 0
  "$command" pair --revoke screen >/dev/null 2>&1 || true
  rm -f "/etc/systemd/system/$screen_unit" "$wants/$screen_unit"
  rm -rf "$screen_home"
  if id shinline-screen >/dev/null 2>&1; then userdel shinline-screen; fi
  if booted; then systemctl start --no-block getty@tty1 2>/dev/null || true; fi
  say "removed the second screen"
}

# --- what was asked for -------------------------------------------------------------------------

misused() {
  usage >&2
  printf 'install: %s\n' "$*" >&2
  exit 2
}

# All of the script is read before anything is done: it may be replaced, or remove itself, meanwhile.
main() {
  doing=install
  purge=no
  tls=yes
  screen=no
  config_txt=no
  untried=""
  broker_ports=""
  for word in "$@"; do
    case $word in
    --uninstall) doing=uninstall ;;
    --purge) purge=yes ;;
    --no-tls) tls=no ;;
    --screen) screen=yes ;;
    --config-txt) config_txt=yes ;;
    --untried) untried=--untried ;;
    -h | --help)
      usage
      return
      ;;
    *) misused "not known: $word" ;;
    esac
  done
  [ "$purge" = no ] || [ "$doing" = uninstall ] || misused "expected --uninstall with --purge"
  expect_root "$@"
  if [ "$doing" = uninstall ]; then
    uninstall
    return
  fi
  source=$(dirname "$here")
  [ -f "$source/pyproject.toml" ] || fail "expected to lie in the folder deploy of the project"
  expect_system
  install -d -m 755 "$etc"
  install_packages
  settle_mosquitto
  make_user
  make_folders
  make_settings
  install_release
  install_units
  make_certificates
  make_screen
  firmware_settings
  start
  farewell
}

main "$@"
exit 0
