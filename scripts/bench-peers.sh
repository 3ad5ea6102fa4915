#!/usr/bin/env bash
# Drains no-op jobs with Millrace and with its peers in turn, twice, on one throw-away PostgreSQL and one Redis.
# JOBS=50000 for those that are quick, a fifth of them for the others; PEERS="millrace awa" for some of them; ROUNDS=2;
# PEERS_LIMIT=240 seconds for one peer's round; PEERS_PREFIX is a command to start measured runs with. What pip installs
# is kept in .build-bench/peers, or PEERS_ENVIRONMENT=FOLDER; results stand in .build-bench/peers.json as well.
set -euo pipefail
cd "$(dirname "$0")/.."
build=.build-bench
[ -n "${PEER_MILLRACE:-}" ] || swift build -c release --product millrace-bench --scratch-path "$build"
export PEER_MILLRACE=${PEER_MILLRACE:-$PWD/$build/release/millrace-bench}
peers=${PEERS:-millrace awa sidekiq sidekiq-plain celery dramatiq taskiq procrastinate}

# A peer that cannot be installed is missing from the table; its script says which module or program it lacks.
environment=${PEERS_ENVIRONMENT:-$build/peers}
[ -x "$environment/bin/pip" ] || python3 -m venv "$environment" ||
  { DEBIAN_FRONTEND=noninteractive apt-get install -y -q python3-venv >/dev/null && python3 -m venv "$environment"; }
for packages in 'redis hiredis' 'psycopg[binary,pool]' awa-pg procrastinate 'celery gevent' 'dramatiq[redis]' \
  'taskiq taskiq-redis uvloop'; do
  mark="$environment/installed-${packages//[^a-z]/-}"
  # shellcheck disable=SC2086
  [ -e "$mark" ] || { "$environment/bin/pip" install -q --disable-pip-version-check $packages && touch "$mark"; } ||
    true
done
if [[ " $peers " == *" sidekiq"* ]] && ! { command -v sidekiq && ruby -e 'require "hiredis"'; } >/dev/null 2>&1; then
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends ruby-sidekiq ruby-hiredis >/dev/null ||
    true
fi

# shellcheck disable=SC2086
exec "$environment/bin/python" benchmarks/peers/run.py --jobs "${JOBS:-50000}" --rounds "${ROUNDS:-2}" \
  --limit "${PEERS_LIMIT:-240}" --json "$build/peers.json" $peers
