#!/usr/bin/env bash
# Drains no-op jobs with Millrace and with its peers in turn, twice, on one throw-away PostgreSQL and one Redis.
# JOBS=50000 for those that are quick, a fifth of them for the others; PEERS="millrace awa" for some of them;
# ROUNDS=2; PEERS_ENVIRONMENT=FOLDER keeps what pip installs; PEERS_PREFIX is a command to start measured runs with.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-50000}
peers=${PEERS:-millrace awa sidekiq celery dramatiq taskiq procrastinate}
build=.build-bench
[ -n "${PEER_MILLRACE:-}" ] || swift build -c release --product millrace-bench --scratch-path "$build"
export PEER_MILLRACE=${PEER_MILLRACE:-$PWD/$build/release/millrace-bench}

folder=$(mktemp -d)
environment=${PEERS_ENVIRONMENT:-$folder/environment}
programs=$(ls -d /usr/lib/postgresql/15/bin)
as_postgres=()
[ "$(id -u)" -ne 0 ] || as_postgres=(runuser -u postgres --)
redis=
stop() {
  [ -z "$redis" ] || kill "$redis" 2>/dev/null || true
  "${as_postgres[@]}" "$programs/pg_ctl" -D "$folder/postgres/data" -m immediate -s stop 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT

# A peer that cannot be installed is missing from the table; its script says which module or program it lacks.
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
[ -e "$environment/installed" ] || for package in redis hiredis 'psycopg[binary,pool]' awa-pg procrastinate celery 'dramatiq[redis]' \
  'taskiq taskiq-redis uvloop'; do
  # shellcheck disable=SC2086
  "$environment/bin/pip" install -q --disable-pip-version-check $package || true
done
touch "$environment/installed"
if [[ " $peers " == *" sidekiq "* ]] && ! command -v sidekiq >/dev/null; then
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends ruby-sidekiq >/dev/null || true
fi

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
chmod 755 "$folder"
mkdir "$folder/postgres" "$folder/redis"
[ "$(id -u)" -ne 0 ] || chown postgres "$folder/postgres"
port=$(free_port)
"${as_postgres[@]}" "$programs/initdb" -D "$folder/postgres/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
  >"$folder/initdb.log"
# The same for all that use it; everything else, such as fsync and synchronous_commit, is as it comes: on.
tuning="-c shared_buffers=512MB -c max_wal_size=4GB -c checkpoint_timeout=15min -c max_connections=200"
"${as_postgres[@]}" "$programs/pg_ctl" -D "$folder/postgres/data" -w -s -l "$folder/postgres/log" \
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder/postgres $tuning" start
export PEER_SERVER="postgresql://postgres@127.0.0.1:$port"
port=$(free_port)
keeping="--appendonly yes --appendfsync everysec --save ''"
(cd "$folder/redis" && exec redis-server --port "$port" --bind 127.0.0.1 --appendonly yes --appendfsync everysec \
  --save '' >"$folder/redis/log") &
redis=$!
export PEER_REDIS="redis://127.0.0.1:$port/0"
until redis-cli -p "$port" ping >/dev/null 2>&1; do sleep 0.05; done

echo "PostgreSQL: $("$programs/postgres" --version | cut -d' ' -f3), fsync=on synchronous_commit=on ${tuning//-c /}"
echo "Redis: $(redis-server --version | sed 's/.*v=\([0-9.]*\).*/\1/'), ${keeping//--/}"
"$environment/bin/python" benchmarks/peers/run.py --jobs "$jobs" --rounds "${ROUNDS:-2}" $peers
