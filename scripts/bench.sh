#!/usr/bin/env bash
# Measures the no-op drain on the embedded store, in turn with raw sqlite3 doing the same writes, three times; and then
# the matching of events against patterns.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${1:-100000}
payload=512
batch=100
build=.build-bench
swift build -c release --product millrace-bench --scratch-path "$build"
swift build -c release --product millrace-bench-patterns --scratch-path "$build"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
gcc -O2 -o "$folder/raw" benchmarks/raw/raw_sqlite.c -lsqlite3
for round in 1 2 3; do
  echo "--- round $round of 3"
  "$build/release/millrace-bench" --jobs "$jobs" --payload "$payload" --batch "$batch" --database "$folder/drain.db"
  "$build/release/millrace-bench" --jobs "$jobs" --payload "$payload" --batch "$batch" --way together
  "$folder/raw" "$folder/drain.db" "$folder/raw.db" "$jobs" "$payload" "$batch"
  rm -f "$folder"/*.db*
done
echo "--- patterns"
"$build/release/millrace-bench-patterns"
