"""Runs the peers in turn, round by round, and prints one table; `scripts/bench-peers.sh` starts it with the servers."""

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import time

import psycopg
import redis

FOLDER = os.path.dirname(os.path.abspath(__file__))
# Those whose backlog is a fifth: a rate needs no more, and the others wait.
SLOW = {"celery", "dramatiq", "procrastinate", "taskiq"}
ON_POSTGRES = {"millrace", "awa", "procrastinate"}


class Counters:
    """How many transactions were committed in a database, and how much was written ahead."""

    def __init__(self, connection, database):
        # A server process tells of what it did at most once a second, and when it ends.
        time.sleep(1.5)
        query = "SELECT xact_commit, pg_current_wal_lsn() - '0/0' FROM pg_stat_database WHERE datname = %s"
        commits, size = connection.execute(query, [database]).fetchone()
        self.commits, self.bytes = int(commits), int(size)


def script(peer, environment, *arguments, prefix=""):
    path = os.path.join(FOLDER, f"{peer}_peer.py")
    command = [*shlex.split(prefix), sys.executable, path, *arguments]
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"{peer} is missing or has failed; its message stands above.")
    return result.stdout


def measure(peer, round_number, jobs, server):
    """One peer's run, with a database of its own and an empty Redis."""
    environment = dict(os.environ, PEER_JOBS=str(jobs))
    redis.Redis.from_url(os.environ["PEER_REDIS"]).flushall()
    before = None
    database = f"{peer}_{round_number}"
    if peer in ON_POSTGRES:
        server.execute(f"CREATE DATABASE {database}")
        environment["PEER_POSTGRES"] = f"{os.environ['PEER_SERVER']}/{database}"
        script(peer, environment, "prepare")
        redis.Redis.from_url(os.environ["PEER_REDIS"]).flushall()
        server.execute("CHECKPOINT")
        before = Counters(server, database)
    text = script(peer, environment, prefix=os.environ.get("PEERS_PREFIX", ""))
    result = json.loads(text.splitlines()[-1])
    if before:
        after = Counters(server, database)
        result["commits"] = (after.commits - before.commits) / jobs
        result["wal"] = (after.bytes - before.bytes) / jobs
        server.execute(f"DROP DATABASE {database} WITH (FORCE)")
    return result


def row(results):
    """A line of the table for the rounds of one peer."""

    def rounds(name):
        return ", ".join(f"{result[name]:,}" for result in results)

    first = results[0]
    commits, wal = "", ""
    if "commits" in first:
        commits = f"{statistics.median(result['commits'] for result in results):.3f}"
        wal = f"{statistics.median(result['wal'] for result in results):,.0f}"
    return f"| {first['peer']} | {first['jobs']:,} | {rounds('enqueued')} | {rounds('drained')} | {commits} | {wal} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=50000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("peers", nargs="+")
    options = parser.parse_args()
    os.environ["PEER_PAYLOAD"] = "512"
    results, missing = {}, []
    with psycopg.connect(f"{os.environ['PEER_SERVER']}/postgres", autocommit=True) as server:
        for round_number in range(1, options.rounds + 1):
            for peer in options.peers:
                jobs = options.jobs // 5 if peer in SLOW else options.jobs
                try:
                    result = measure(peer, round_number, jobs, server)
                except RuntimeError as error:
                    print(error, file=sys.stderr)
                    missing.append(peer)
                    continue
                print(f"round {round_number}: {json.dumps(result)}", flush=True)
                results.setdefault(peer, []).append(result)
    print("\n| | jobs | enqueued/s | drained/s | commits a job | WAL bytes a job |")
    print("| --- | --- | --- | --- | --- | --- |")
    for peer in options.peers:
        print(row(results[peer]) if peer in results else f"| {peer} | missing: it could not be run | | | | |")
    print("\nSettings:")
    for measured in results.values():
        print(f"- {measured[0]['peer']}: {measured[0]['settings']}.")
    if missing:
        sys.exit(1)


if __name__ == "__main__":
    main()
