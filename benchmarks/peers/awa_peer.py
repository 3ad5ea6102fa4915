"""awa (Rust on PostgreSQL) through its Python client; `prepare` makes its tables."""

import asyncio
import multiprocessing
import os
import sys
import time
from dataclasses import dataclass

import awa
import psycopg

import common

PROCESSES = int(os.environ.get("PEER_PROCESSES", "2"))
WORKERS = int(os.environ.get("PEER_WORKERS", "256"))
CLAIMERS = int(os.environ.get("PEER_CLAIMERS", "1"))
CLAIM_BATCH = int(os.environ.get("PEER_CLAIM_BATCH", "512"))
STRIPES = int(os.environ.get("PEER_STRIPES", "1"))
CONNECTIONS = int(os.environ.get("PEER_CONNECTIONS", "20"))
POLL = int(os.environ.get("PEER_POLL", "5"))
# How long an attempt may take, in milliseconds; 0 spares the deadline.
DEADLINE = int(os.environ.get("PEER_DEADLINE", "0"))
BULK = 1000
QUEUE = "bench"


@dataclass
class NoOp:
    body: str


def client():
    return awa.AsyncClient(common.POSTGRES, max_connections=CONNECTIONS)


async def prepare():
    made = client()
    await made.migrate()
    # The engine for high rates, which its own documents recommend.
    await made.install_queue_storage(schema="awa")
    await made.close()


async def enqueue():
    sender, start = client(), time.monotonic()
    for first in range(0, common.JOBS, BULK):
        jobs = [NoOp(common.BODY) for _ in range(min(BULK, common.JOBS - first))]
        await sender.enqueue_many_copy(jobs, queue=QUEUE, queue_storage_queue_stripe_count=STRIPES)
    seconds = time.monotonic() - start
    await sender.close()
    return seconds


async def work(ready, begin, end):
    worker = client()

    @worker.task(NoOp, queue=QUEUE)
    async def noop(job):
        pass

    ready.release()
    await asyncio.to_thread(begin.wait)
    queue = {
        "name": QUEUE, "max_workers": WORKERS, "claimers": CLAIMERS, "claim_batch_size": CLAIM_BATCH,
        "deadline_duration_ms": DEADLINE,
    }
    await worker.start([queue], poll_interval_ms=POLL, queue_storage_queue_stripe_count=STRIPES)
    await asyncio.to_thread(end.wait)
    await worker.shutdown()
    await worker.close()


def run_worker(*signals):
    asyncio.run(work(*signals))


def ended(connection):
    """How many jobs have ended, durably: in compact batches, in rows, and those that were counted and left."""
    query = """
        SELECT (SELECT coalesce(sum(completed_count), 0) FROM awa.receipt_completion_batches)
          + (SELECT count(*) FROM awa.done_entries)
          + (SELECT coalesce(sum(pruned_completed_count), 0) FROM awa.queue_terminal_rollups)
        """
    return int(connection.execute(query).fetchone()[0])


def drain():
    """Seconds from the workers' start, in processes that wait for it, until every job has ended."""
    ready, begin, end = multiprocessing.Semaphore(0), multiprocessing.Event(), multiprocessing.Event()
    processes = [multiprocessing.Process(target=run_worker, args=(ready, begin, end)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    for _ in processes:
        ready.acquire()
    with psycopg.connect(common.POSTGRES, autocommit=True) as connection:
        start = time.monotonic()
        begin.set()
        while ended(connection) < common.JOBS:
            if time.monotonic() - start > common.DRAIN_LIMIT:
                sys.exit("Not every job has ended.")
            time.sleep(0.02)
        seconds = time.monotonic() - start
    end.set()
    for process in processes:
        process.join()
    return seconds


def main():
    if sys.argv[1:] == ["prepare"]:
        return asyncio.run(prepare())
    enqueued = asyncio.run(enqueue())
    seconds = drain()
    settings = (
        f"processes: {PROCESSES}, in each workers: {WORKERS}, claimers: {CLAIMERS} of {CLAIM_BATCH}, connections: "
        f"{CONNECTIONS}; polls every {POLL} ms, {f'deadline {DEADLINE} ms' if DEADLINE else 'no deadline'}, "
        f"stripes: {STRIPES}; "
        f"COPY in bulks of {BULK:,}")
    common.report(f"awa-pg {common.version('awa-pg')}", settings, enqueued, seconds)


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    main()
