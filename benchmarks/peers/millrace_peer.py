"""Millrace with a PostgreSQL store and a queue in Redis; `prepare` makes its tables."""

import os
import re
import subprocess
import sys

import common

PROGRAM = os.environ.get("PEER_MILLRACE", ".build-bench/release/millrace-bench")
CONCURRENCY = os.environ.get("PEER_CONCURRENCY", "1024")


def bench(jobs, way):
    """Jobs per second by part."""
    command = [
        PROGRAM, "--jobs", str(jobs), "--payload", str(len(common.BODY)), "--postgres", common.POSTGRES, "--queue",
        common.REDIS, "--concurrency", CONCURRENCY, "--way", way,
    ]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    sys.stderr.write(text)
    return {part: (float(seconds), int(rate)) for part, seconds, rate in re.findall(
        r"^(.+): ([\d.e-]+) s, (\d+) jobs/s$", text, re.MULTILINE)}


def main():
    if sys.argv[1:] == ["prepare"]:
        return bench(1, "parts")
    parts = bench(common.JOBS, os.environ.get("PEER_WAY", "backlog"))
    if "record" in parts and "recorded to settled" in parts:
        settings = f"1 process, {CONCURRENCY} slots, 8 connections; recorded in arrays of 100 by 4 clients"
        common.report("Millrace", settings, parts["record"][0], parts["recorded to settled"][0])


if __name__ == "__main__":
    main()
