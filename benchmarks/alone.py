#!/usr/bin/env python3
"""The no-op drain, and how soon jobs begin, on PostgreSQL alone and on PostgreSQL and Redis, in turn."""

import argparse
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

from backends import Postgres, Redis


def bench(options, postgres, queue, *words):
    """What the program prints, on a database of its own."""
    postgres.create("alone")
    postgres.sql("CHECKPOINT")
    try:
        command = [str(options.program), "--postgres", postgres.url("alone"), "--queue", queue, "--payload", "512"]
        return subprocess.run([*command, *words], check=True, stdout=subprocess.PIPE, text=True).stdout
    finally:
        postgres.drop("alone")


def measure(options, postgres, redis):
    ways = {"PostgreSQL alone": "postgres", "PostgreSQL and Redis": redis.url}
    drained, waits = {way: [] for way in ways}, {way: [] for way in ways}
    for number in range(1, options.rounds + 1):
        for way in list(ways) if number % 2 else list(ways)[::-1]:
            redis.call("FLUSHALL")
            jobs = ["--jobs", str(options.jobs), "--concurrency", "1024", "--way", "backlog"]
            text = bench(options, postgres, ways[way], *jobs)
            drained[way].append(int(re.findall(r", (\d+) jobs/s$", text, re.MULTILINE)[-1]))
            redis.call("FLUSHALL")
            pace = ["--way", "pickup", "--rate", str(options.rate), "--jobs", str(options.rate * options.seconds)]
            text = bench(options, postgres, ways[way], *pace)
            waits[way].append(re.search(r"p50 (\S+), p95 (\S+), p99 (\S+), most (\S+)", text).groups())
            print(f"round {number}, {way}: {drained[way][-1]:,} jobs/s, {', '.join(waits[way][-1])} ms", flush=True)
    return drained, waits


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, required=True, help="the built millrace-bench")
    parser.add_argument("--jobs", type=int, default=50_000, help="what is drained in a round")
    parser.add_argument("--rate", type=int, default=300, help="events a second where their pickup is measured")
    parser.add_argument("--seconds", type=int, default=10, help="how long that takes")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    options.program = options.program.absolute()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        postgres, redis = Postgres(folder), Redis(folder)
        try:
            print(f"{postgres.describe()}\n{redis.describe()}", flush=True)
            drained, waits = measure(options, postgres, redis)
        finally:
            redis.stop()
            postgres.stop()
    print("\n| | drained/s | median | pickup p50, p95, p99, most, ms |\n| --- | --- | --- | --- |")
    for way, rates in drained.items():
        pickups = "; ".join(", ".join(wait) for wait in waits[way])
        print(f"| {way} | {', '.join(f'{rate:,}' for rate in rates)} | {statistics.median(rates):,.0f} | {pickups} |")


if __name__ == "__main__":
    sys.exit(main())
