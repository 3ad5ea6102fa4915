#!/usr/bin/env python3
"""The no-op drain beside millions of jobs that have ended and others that wait, and in empty tables, in turn.

The jobs that have ended are a really drained sample, multiplied by SQL in all its tables with numbers, ids and times of
their own. Those that wait were recorded, routed and pushed as any other, for a queue that nobody serves, and are in
Redis as well. Both ways use one PostgreSQL; the empty tables have a Redis of their own, which is empty, too.
"""

import argparse
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

from backends import Postgres, Redis

SAMPLE = 5000
# Numbers of runs and jobs hold their event's number: how many of them one event has.
RUNS = 1 << 10
JOBS = RUNS << 17
# What is shifted in each copy of the sample: numbers by so much an event, and ids, in whose time the copy is written.
TABLES = {
    "event_keys": ({"sequence": 1}, ["id"]),
    "events": ({"sequence": 1}, ["id"]),
    "routings": ({"first": 1, "last": 1}, []),
    "runs": ({"number": RUNS}, ["id"]),
    "jobs": ({"number": JOBS}, ["id", "run"]),
}
TIMES = {"recorded_at", "at", "created_at", "due_at", "started_at", "finished_at"}


class Drain:
    """The program of the drain on one database and one Redis."""

    def __init__(self, program, postgres, database, redis):
        self.command = [str(program), "--postgres", postgres.url(database), "--queue", redis.url]

    def run(self, jobs, way):
        """Jobs per second, the last of the parts that the program prints."""
        words = ["--jobs", str(jobs), "--way", way, "--payload", "512"]
        text = subprocess.run([*self.command, *words], check=True, stdout=subprocess.PIPE, text=True).stdout
        return int(re.findall(r", (\d+) jobs/s$", text, re.MULTILINE)[-1])


def copies(postgres, database, table):
    """The SELECT that gives copies `$first` to `$last` of the sample in one table."""
    numbers, ids = TABLES[table]
    query = f"SELECT attname FROM pg_attribute WHERE attrelid = 'millrace.{table}'::regclass AND attnum > 0"
    columns = [row[0] for row in postgres.sql(query + " AND NOT attisdropped ORDER BY attnum", database)]
    values = []
    for column in columns:
        if column in numbers:
            values.append(f"t.{column} + copy * {SAMPLE * numbers[column]}::bigint")
        elif column in ids:
            values.append(f"overlay(t.{column} PLACING upper(lpad(to_hex(copy), 6, '0')) FROM 4 FOR 6)")
        elif column in TIMES:
            values.append(f"t.{column} + copy * 100")
        else:
            values.append(f"t.{column}")
    first = next(iter(numbers))
    beyond = f"{(SAMPLE + 1) * numbers[first]}::bigint"
    return (
        f"INSERT INTO millrace.{table} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM generate_series({{first}}, {{last}}) AS copy, millrace.{table} AS t WHERE t.{first} < {beyond}")


def multiply(postgres, database, ended):
    """Copies of the sample until so many jobs have ended, in two sessions at a time."""
    last = ended // SAMPLE - 1
    postgres.sql(f"SELECT setval('millrace.event_sequence', {ended})", database)
    statements = [copies(postgres, database, table) for table in TABLES]
    sessions = []
    for first, end in ((1, last // 2), (last // 2 + 1, last)):
        text = "SET synchronous_commit = off;\n" + ";\n".join(
            statement.format(first=start, last=min(start + 99, end))
            for start in range(first, end + 1, 100) for statement in statements)
        sessions.append(subprocess.Popen(
            ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", postgres.url(database)], stdin=subprocess.PIPE, text=True))
        sessions[-1].stdin.write(text + ";\n")
        sessions[-1].stdin.close()
    if any([session.wait() for session in sessions]):
        sys.exit("The jobs that have ended could not be made; the reason stands above.")


def fill(options, postgres, redis):
    database, begin = "filled", time.monotonic()
    postgres.create(database)
    drain = Drain(options.program, postgres, database, redis)
    drain.run(SAMPLE, "backlog")
    multiply(postgres, database, options.ended)
    ended = postgres.sql("SELECT count(*) FROM millrace.jobs", database)[0][0]
    print(f"{int(ended):,} jobs have ended, after {time.monotonic() - begin:.0f} s", flush=True)
    if options.waiting:
        drain.run(options.waiting, "wait")
    # As autovacuum would have done it in the days that so many jobs take.
    postgres.sql("VACUUM ANALYZE", database)
    size = postgres.sql(f"SELECT pg_size_pretty(pg_database_size('{database}'))")[0][0]
    live = int(postgres.sql("SELECT count(*) FROM millrace.live", database)[0][0])
    held = redis.call("ZCARD", "{millrace:parked}:waiting") or "0"
    print(
        f"{live:,} wait in PostgreSQL and {int(held):,} in Redis ({redis.info('used_memory') / 1e6:.0f} MB), after "
        f"{time.monotonic() - begin:.0f} s; the database has {size}", flush=True)
    if live != options.waiting or int(held) != options.waiting:
        sys.exit("Not as many jobs wait as should.")
    return drain


def measure(options, postgres, redis, empty_redis):
    full, found = fill(options, postgres, redis), {"empty": [], "full": []}
    for number in range(1, options.rounds + 1):
        for way in ("empty", "full") if number % 2 else ("full", "empty"):
            database = f"empty_{number}"
            if way == "empty":
                empty_redis.call("FLUSHALL")
                postgres.create(database)
            drain = full if way == "full" else Drain(options.program, postgres, database, empty_redis)
            postgres.sql("CHECKPOINT")
            found[way].append(drain.run(options.jobs, "backlog"))
            print(f"round {number}, {way}: {found[way][-1]:,} jobs/s", flush=True)
            if way == "empty":
                postgres.drop(database)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, required=True, help="the built millrace-bench")
    parser.add_argument("--jobs", type=int, default=100_000, help="what is drained in a round")
    parser.add_argument("--ended", type=int, default=5_000_000, help=f"a multiple of {SAMPLE}")
    parser.add_argument("--waiting", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    options.program, begin = options.program.absolute(), time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        postgres, redis, empty_redis = Postgres(folder), Redis(folder), Redis(folder, "empty")
        try:
            print(f"{postgres.describe()}\n{redis.describe()}", flush=True)
            found = measure(options, postgres, redis, empty_redis)
        finally:
            for server in (empty_redis, redis, postgres):
                server.stop()
    print(f"\n| {options.jobs:,} jobs drained, jobs/s | rounds | median |\n| --- | --- | --- |")
    medians = {way: statistics.median(rates) for way, rates in found.items()}
    for way, rates in found.items():
        print(f"| {way} | {', '.join(f'{rate:,}' for rate in rates)} | {medians[way]:,.0f} |")
    print(f"\nFull is {medians['full'] / medians['empty']:.2f} of empty. All took {time.monotonic() - begin:.0f} s.")


if __name__ == "__main__":
    sys.exit(main())
