"""Drains no-op jobs with Millrace and its peers in turn, round by round, on one PostgreSQL and one Redis.

`scripts/bench-peers.sh` starts it in an environment that has what the peers need. A peer that is missing, fails or
takes too long is a line in the table that says so, and the others go on.
"""

import argparse
import json
import os
import pathlib
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import time

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from backends import Postgres, Redis  # noqa: E402

# Those whose backlog is a fifth: a rate needs no more, and the others wait.
SLOW = {"celery", "dramatiq", "procrastinate", "taskiq"}
ON_POSTGRES = {"millrace", "awa", "procrastinate"}
# Those whose tables take long to make: made once, and copied for each round.
MADE_ONCE = {"awa", "procrastinate"}
# The same peer with other settings: as Debian's packages set it, without the compiler and the driver in C.
VARIANTS = {"sidekiq-plain": ("sidekiq", {"PEER_RUBYOPT": "", "PEER_DRIVER": "ruby"})}


class Failed(Exception):
    """A peer that could not be measured, and why."""


class Bench:
    """The servers, and how one peer is measured on them."""

    def __init__(self, folder, limit):
        self.folder, self.limit = folder, limit
        self.redis = Redis(folder)
        self.postgres = Postgres(folder)
        self.made = set()

    def stop(self):
        self.redis.stop()
        self.postgres.stop()

    def script(self, peer, environment, *words, prefix=""):
        """What a peer's script prints; all that it has started is gone afterwards."""
        command = [*shlex.split(prefix), sys.executable, str(FOLDER / f"{peer}_peer.py"), *words]
        errors = self.folder / f"{peer}.log"
        with open(errors, "wb") as log:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
                start_new_session=True)
            try:
                text, _ = process.communicate(timeout=self.limit)
            except subprocess.TimeoutExpired:
                raise Failed(f"not done within {self.limit} s") from None
            finally:
                self.end(process)
        if process.returncode != 0:
            lines = errors.read_text(errors="replace").strip().splitlines()
            print("\n".join(lines[-20:]), file=sys.stderr)
            raise Failed(lines[-1] if lines else f"exit code {process.returncode}")
        return text

    @staticmethod
    def end(process):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def prepare(self, peer, database, environment):
        """A database of its own for a peer, with its tables."""
        self.postgres.drop(database)
        if peer not in MADE_ONCE:
            self.postgres.create(database)
            return self.script(peer, environment, "prepare")
        template = f"{peer}_made"
        if template not in self.made:
            self.postgres.drop(template)
            self.postgres.create(template)
            self.script(peer, {**environment, "PEER_POSTGRES": self.postgres.url(template)}, "prepare")
            self.made.add(template)
        self.postgres.create(database, template)

    def measure(self, peer, jobs):
        """One peer's run, with a database of its own and an empty Redis."""
        name, (peer, settings) = peer, VARIANTS.get(peer, (peer, {}))
        environment = {**os.environ, **settings, "PEER_JOBS": str(jobs), "PEER_PAYLOAD": "512"}
        environment["PEER_REDIS"] = self.redis.url
        prefix, database = os.environ.get("PEERS_PREFIX", ""), f"{peer}_run"
        if peer in ON_POSTGRES:
            environment["PEER_POSTGRES"] = self.postgres.url(database)
            self.prepare(peer, database, environment)
            self.postgres.sql("CHECKPOINT")
            before = self.postgres.counters(database)
        self.redis.call("FLUSHALL")
        result = json.loads(self.script(peer, environment, prefix=prefix).splitlines()[-1])
        if name in VARIANTS:
            result["peer"] += " (" + name.split("-")[1] + ")"
        if peer in ON_POSTGRES:
            after = self.postgres.counters(database)
            result["commits"], result["wal"] = ((late - early) / jobs for early, late in zip(before, after))
            self.postgres.drop(database)
        return result


def run(options, bench):
    """The results and the failures of each peer, in the order of rounds."""
    results, failures = {peer: [] for peer in options.peers}, {}
    for number in range(1, options.rounds + 1):
        for peer in options.peers:
            jobs = options.jobs // 5 if peer in SLOW else options.jobs
            begin = time.monotonic()
            try:
                result = bench.measure(peer, jobs)
            except (Failed, RuntimeError, ValueError, KeyError, IndexError) as error:
                failures[peer] = str(error).splitlines()[-1] if str(error) else "it said nothing"
                print(f"round {number}, {peer}: failed: {failures[peer]}", flush=True)
                continue
            results[peer].append(result)
            print(f"round {number}, {time.monotonic() - begin:.0f} s: {json.dumps(result)}", flush=True)
    return results, failures


def row(results):
    """A line of the table for the rounds of one peer."""

    def rounds(name):
        return ", ".join(f"{result[name]:,}" for result in results)

    first, commits, wal = results[0], "", ""
    if "commits" in first:
        commits = f"{statistics.median(result['commits'] for result in results):.3f}"
        wal = f"{statistics.median(result['wal'] for result in results):,.0f}"
    return f"| {first['peer']} | {first['jobs']:,} | {rounds('enqueued')} | {rounds('drained')} | {commits} | {wal} |"


def show(options, results, failures):
    print("\n| | jobs | enqueued/s | drained/s | commits a job | WAL bytes a job |")
    print("| --- | --- | --- | --- | --- | --- |")
    for peer in options.peers:
        print(row(results[peer]) if results[peer] else f"| {peer} | failed: {failures[peer]} | | | | |")
    settings = [f"- {found[0]['peer']}: {found[0]['settings']}." for found in results.values() if found]
    if settings:
        print("\nSettings:\n\n" + "\n".join(settings))
    drained = {
        peer: statistics.median(result["drained"] for result in found) for peer, found in results.items() if found}
    if "millrace" in drained and len(drained) > 1:
        others = {peer: f"{drained['millrace'] / rate:.2f}" for peer, rate in drained.items() if peer != "millrace"}
        print("\nMillrace's rate by that of: " + ", ".join(f"{peer} {ratio}" for peer, ratio in others.items()) + ".")
    for peer, failure in failures.items():
        if results[peer]:
            print(f"\nA round of {peer} failed: {failure}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--limit", type=int, default=240, help="seconds that one peer may take in a round")
    parser.add_argument("--json", type=pathlib.Path, help="where the results are written as JSON, too")
    parser.add_argument("peers", nargs="+")
    options = parser.parse_args()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(pathlib.Path(name), options.limit)
        try:
            print(f"{bench.postgres.describe()}\n{bench.redis.describe()}", flush=True)
            results, failures = run(options, bench)
        finally:
            bench.stop()
    show(options, results, failures)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({"results": results, "failures": failures}, indent=2) + "\n")
        print(f"\nAs JSON: {options.json}")
    print(f"\nAll took {time.monotonic() - begin:.0f} s.")
    return 0 if any(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
