#!/usr/bin/env bash
# Installs the Debian packages that are missing; says in one line what it cannot do.
set -euo pipefail

command -v swift >/dev/null || { echo "Swift is missing: install Swift 6.2 or newer from https://swift.org/install." >&2; exit 1; }
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
case $(printf '%s\n6.2\n' "${version:-0}" | sort -V | head -n 1) in
  6.2) ;;
  *) echo "Swift ${version:-of unknown version} is too old: install Swift 6.2 or newer from https://swift.org/install." >&2; exit 1 ;;
esac

wanted=(pkg-config libsqlite3-dev libzstd-dev libcurl4-openssl-dev libvips-dev libvips-tools tzdata python3 sqlite3 zstd gcc)
wanted+=(libpq-dev postgresql-15 python3-psycopg openssl redis-server libhiredis-dev stunnel4)
missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
# A pkg-config or a python3 from elsewhere does as well.
for name in pkg-config python3; do
  command -v "$name" >/dev/null && missing=("${missing[@]/#$name/}")
done
missing=($(printf '%s\n' "${missing[@]:-}" | sed '/^$/d'))
[ ${#missing[@]} -eq 0 ] && exit 0

command -v apt-get >/dev/null || { echo "These packages are missing, and there is no apt-get to install them: ${missing[*]}" >&2; exit 1; }
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "These packages are missing; install them as root: apt-get install ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "Installing ${missing[*]} …"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
try() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >"$log" 2>&1; }
# The package lists may be missing or old.
install() {
  try "$@" || { "${as_root[@]}" apt-get update -q >>"$log" 2>&1 && try "$@"; } ||
    { tail -n 5 "$log" >&2; echo "These packages could not be installed: $*" >&2; exit 1; }
}
# A PostgreSQL package would make a database and start a server for it; tests make and start their own.
if [[ " ${missing[*]} " == *" postgresql-15 "* ]]; then
  install postgresql-common
  settings=/etc/postgresql-common/createcluster.conf
  if [ -z "$(ls /etc/postgresql 2>/dev/null)" ] && ! grep -q '^create_main_cluster' "$settings"; then
    echo 'create_main_cluster = false' | "${as_root[@]}" tee -a "$settings" >/dev/null
  fi
fi
install "${missing[@]}"
