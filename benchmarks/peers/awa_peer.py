"""awa (Rust on PostgreSQL) through its Python client; `prepare` makes its tables."""

import asyncio
import os
import sys
import time
from dataclasses import dataclass

import awa
import psycopg

import common

WORKERS = int(os.environ.get("PEER_WORKERS", "256"))
CLAIMERS = int(os.environ.get("PEER_CLAIMERS", "2"))
CLAIM_BATCH = int(os.environ.get("PEER_CLAIM_BATCH", "256"))
STRIPES = int(os.environ.get("PEER_STRIPES", "1"))
CONNECTIONS = int(os.environ.get("PEER_CONNECTIONS", "20"))
BULK = 1000
QUEUE = "bench"


@dataclass
class NoOp:
    body: str


async def prepare():
    client = awa.AsyncClient(common.POSTGRES, max_connections=CONNECTIONS)
    await client.migrate()
    # The engine for high rates, which its own documents recommend.
    await client.install_queue_storage(schema="awa")
    await client.close()


def ended(connection):
    """How many jobs have ended, durably: in compact batches, in rows, and those that were counted and left."""
    query = """
        SELECT (SELECT coalesce(sum(completed_count), 0) FROM awa.receipt_completion_batches)
          + (SELECT count(*) FROM awa.done_entries)
          + (SELECT coalesce(sum(pruned_completed_count), 0) FROM awa.queue_terminal_rollups)
        """
    return int(connection.execute(query).fetchone()[0])


async def run():
    client = awa.AsyncClient(common.POSTGRES, max_connections=CONNECTIONS)
    done = 0

    @client.task(NoOp, queue=QUEUE)
    async def noop(job):
        nonlocal done
        done += 1

    start = time.monotonic()
    for first in range(0, common.JOBS, BULK):
        jobs = [NoOp(common.BODY) for _ in range(min(BULK, common.JOBS - first))]
        await client.enqueue_many_copy(jobs, queue=QUEUE, queue_storage_queue_stripe_count=STRIPES)
    enqueued = time.monotonic() - start
    start = time.monotonic()
    await client.start(
        [{"name": QUEUE, "max_workers": WORKERS, "claimers": CLAIMERS, "claim_batch_size": CLAIM_BATCH}],
        poll_interval_ms=5, queue_storage_queue_stripe_count=STRIPES)
    while done < common.JOBS:
        if time.monotonic() - start > common.DRAIN_LIMIT:
            sys.exit("The workers did not empty their queue.")
        await asyncio.sleep(0.005)
    with psycopg.connect(common.POSTGRES, autocommit=True) as connection:
        while ended(connection) < common.JOBS:
            if time.monotonic() - start > common.DRAIN_LIMIT:
                sys.exit("Not every job has ended.")
            await asyncio.sleep(0.005)
    seconds = time.monotonic() - start
    await client.shutdown()
    await client.close()
    settings = (
        f"1 process, {WORKERS} workers, {CLAIMERS} claimers of {CLAIM_BATCH}, {STRIPES} stripes, "
        f"{CONNECTIONS} connections; COPY in bulks of {BULK:,}")
    common.report(f"awa-pg {common.version('awa-pg')}", settings, enqueued, seconds)


if __name__ == "__main__":
    asyncio.run(prepare() if sys.argv[1:] == ["prepare"] else run())
