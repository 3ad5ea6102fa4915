#!/usr/bin/env bash
# Runs the demo on a throw-away folder and checks what it says: the README's first command must work.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for round in 1 2; do
  python3 scripts/demo.py --programs .build/debug --data "$folder/data" >"$folder/out" 2>&1 ||
    { cat "$folder/out"; echo "The demo failed in round $round." >&2; exit 1; }
  for expected in "succeeded" "not_a_picture" "The thumbnails are in" "5 were duplicates" "cancelled" "SUPERSEDED" "Keep it running"; do
    grep -qF -- "$expected" "$folder/out" ||
      { cat "$folder/out"; echo "The demo of round $round does not say: $expected" >&2; exit 1; }
  done
done
echo "demo: ok"
