"""procrastinate on PostgreSQL; `prepare` makes its tables."""

import asyncio
import logging
import multiprocessing
import os
import sys
import time

import procrastinate
import psycopg

import common

CONCURRENCY = int(os.environ.get("PEER_CONCURRENCY", "10"))
PROCESSES = int(os.environ.get("PEER_PROCESSES", "2"))
BULK = 1000
app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=common.POSTGRES, max_size=10))
logging.getLogger("procrastinate").setLevel(logging.ERROR)


@app.task(name="noop")
async def noop(body):
    pass


async def prepare():
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


async def enqueue():
    async with app.open_async():
        for start in range(0, common.JOBS, BULK):
            count = min(BULK, common.JOBS - start)
            await noop.batch_defer_async(*({"body": common.BODY} for _ in range(count)))


async def work():
    async with app.open_async():
        await app.run_worker_async(
            concurrency=CONCURRENCY, wait=False, listen_notify=False, install_signal_handlers=False)


def worker():
    asyncio.run(work())


def main():
    if sys.argv[1:] == ["prepare"]:
        return asyncio.run(prepare())
    start = time.monotonic()
    asyncio.run(enqueue())
    enqueued = time.monotonic() - start
    processes = [multiprocessing.Process(target=worker) for _ in range(PROCESSES)]
    start = time.monotonic()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    seconds = time.monotonic() - start
    with psycopg.connect(common.POSTGRES) as connection:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'"
        if connection.execute(query).fetchone() != (common.JOBS,):
            sys.exit("Not every job has succeeded.")
    settings = f"{PROCESSES} processes of {CONCURRENCY} tasks, 10 connections each; deferred in batches of {BULK:,}"
    common.report(f"procrastinate {common.version('procrastinate')}", settings, enqueued, seconds)


if __name__ == "__main__":
    # Tasks are named for their module, which has to be one that can be imported.
    import procrastinate_peer

    procrastinate_peer.main()
