#!/usr/bin/env python3
"""What flow control costs, and what it keeps: on a throw-away PostgreSQL and Redis, one database for each run.

`drain`: the no-op drain with one tenant and no limits, with 50 tenants, and with 50 tenants, weighted turns, a rate and
a concurrency limit that never bind, in turn. `quiet`: a tenant of a few events a second by itself, and beside a tenant
of whom 100,000 jobs and more wait, whose speed is measured with and without it. `keys`: three jobs for each of 10,000
keys whose rate, and then whose concurrency, is limited: how much later than its limit lets it each began, and what the
keys leave behind in Redis.
"""

import argparse
import itertools
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

from backends import Postgres, Redis

DRAINS = {
    "one tenant, no limits": ["--tenants", "1"],
    "50 tenants, no limits": ["--tenants", "50"],
    "50 tenants, weights, a rate and a concurrency in one limit": ["--tenants", "50", "--limits", "on"],
    "50 tenants, weights, a rate and a concurrency in two limits": ["--tenants", "50", "--limits", "two"],
}


class Bench:
    """The program of the drain on servers of its own."""

    def __init__(self, options, folder):
        self.program, self.numbers = [*options.prefix.split(), str(options.program.absolute())], itertools.count()
        self.redis, self.postgres = Redis(folder), Postgres(folder)

    def stop(self):
        self.redis.stop()
        self.postgres.stop()

    def run(self, way, *words, keep=False):
        """What the program prints, but for its settings; the database goes, and unless it is kept, Redis is emptied."""
        database = f"flow_{next(self.numbers)}"
        self.postgres.create(database)
        self.postgres.sql("CHECKPOINT")
        if not keep:
            self.redis.call("FLUSHALL")
        servers = ["--postgres", self.postgres.url(database), "--queue", self.redis.url]
        command = [*self.program, *servers, "--way", way, "--payload", "512", *map(str, words)]
        text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        self.postgres.drop(database)
        return text.split("\n", 1)[1].strip()


def percentile(text, line, name):
    return float(re.search(rf"^{line}: .*?{name} ([\d.]+)", text, re.MULTILINE).group(1))


def drain(bench, options):
    rates = {name: [] for name in DRAINS}
    for number in range(options.rounds):
        # Each begins a round as often as the others, as far as the rounds go.
        names = list(DRAINS)[number % len(DRAINS):] + list(DRAINS)[:number % len(DRAINS)]
        for name in names:
            text = bench.run("backlog", "--jobs", options.jobs, "--concurrency", 1024, *DRAINS[name])
            rates[name].append(int(re.findall(r", (\d+) jobs/s$", text, re.MULTILINE)[-1]))
            print(f"round {number + 1}, {name}: {rates[name][-1]:,} jobs/s", flush=True)
    plain = statistics.median(next(iter(rates.values())))
    print(f"\n| {options.jobs:,} jobs drained, jobs/s | rounds | median | of the first |\n| --- | --- | --- | --- |")
    for name, found in rates.items():
        median = statistics.median(found)
        print(f"| {name} | {', '.join(f'{rate:,}' for rate in found)} | {median:,.0f} | {median / plain:.2f} |")


def quiet(bench, options):
    for work, jobs in ((10, options.jobs // 5), (0, options.jobs // 2)):
        print(f"\nThe busy tenant's jobs sleep for {work} ms; one host of 64 slots:", flush=True)
        words = ["--jobs", jobs, "--rounds", options.rounds, "--waiting", options.waiting, "--rate", 20]
        text = bench.run("quiet", *words, "--work", work, "--concurrency", 64)
        idle, beside = (percentile(text, f"quiet {way}", "p95") for way in ("alone", "beside"))
        speeds = [
            [int(rate) for rate in re.search(rf"^busy {way}: \[(.*)\]", text, re.MULTILINE).group(1).split(",")]
            for way in ("alone", "beside")]
        ratio = statistics.median(speeds[1]) / statistics.median(speeds[0])
        print(f"{text}\np95 beside is {beside / idle:.2f} of idle; the busy one keeps {ratio:.2f}", flush=True)


def keys(bench, options):
    # The first run makes what any queue has, such as the functions and the connections' room.
    bench.run("keys", "--keys", 1, "--rate", 10, "--interval", 1)
    for words in (["--bound", "rate", "--interval", options.interval], ["--bound", "concurrency", "--work", 100]):
        before = (bench.redis.info("used_memory"), bench.redis.call("DBSIZE"))
        text = bench.run("keys", "--keys", options.keys, "--rate", options.rate, *words, keep=True)
        # Redis gives back the room of its own tables bit by bit.
        time.sleep(2)
        after = (bench.redis.info("used_memory"), bench.redis.call("DBSIZE"))
        print(
            f"\n{options.keys:,} keys, {options.rate}/s, {' '.join(map(str, words))}:\n{text}\nRedis: "
            f"{before[0]:,} bytes in {before[1]} keys before, {after[0]:,} in {after[1]} after, "
            f"{bench.redis.info('used_memory_peak'):,} at most", flush=True)


def main():
    parts = {"drain": drain, "quiet": quiet, "keys": keys}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, required=True, help="the built millrace-bench")
    parser.add_argument("--prefix", default="", help="a command to start measured runs with")
    parser.add_argument("--jobs", type=int, default=100_000, help="what is drained in a round")
    parser.add_argument("--waiting", type=int, default=100_000, help="what waits beside the quiet tenant at the least")
    parser.add_argument("--keys", type=int, default=10_000, help="how many keys are limited")
    parser.add_argument("--rate", type=int, default=500, help="how many keys come in a second, of three jobs each")
    parser.add_argument("--interval", type=int, default=10, help="seconds between two starts of a key")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("parts", nargs="*", choices=[*parts, []], help="what is measured; all where none is named")
    options, begin = parser.parse_args(), time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(options, pathlib.Path(name))
        try:
            print(f"{bench.postgres.describe()}\n{bench.redis.describe()}\n", flush=True)
            for part in options.parts or parts:
                parts[part](bench, options)
        finally:
            bench.stop()
    print(f"\nAll took {time.monotonic() - begin:.0f} s.")


if __name__ == "__main__":
    sys.exit(main())
