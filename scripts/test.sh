#!/usr/bin/env bash
# Runs the tests that were built; what failed is said once more at the end, where it is not lost among what passed.
# Usage: scripts/test.sh SECONDS [arguments of swift test]
set -euo pipefail
seconds=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
timeout "$seconds" "${SWIFT:-swift}" test --skip-build --no-parallel "$@" 2>&1 | tee "$log" || status=$?
[ "$status" -eq 0 ] && exit 0
{
  echo
  [ "$status" -eq 124 ] && echo "The tests did not end within $seconds s. The last that had started:" &&
    grep -a ' started\.$' "$log" | tail -n 3
  echo "What failed:"
  grep -a -A 4 '✘ Test .* recorded an issue' "$log" | cut -c 1-600 || echo "Nothing was recorded; see what came last above."
} >&2
exit "$status"
