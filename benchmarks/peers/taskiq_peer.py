"""taskiq on a Redis list, where a job that was taken is gone when its process dies, or on a stream; on uvloop."""

import asyncio
import os
import sys
import time

from taskiq_redis import ListQueueBroker, RedisStreamBroker

import common

KIND = os.environ.get("PEER_BROKER", "stream")
TASKS = os.environ.get("PEER_TASKS", "100")
PREFETCH = os.environ.get("PEER_PREFETCH", "100")
PROCESSES = os.environ.get("PEER_PROCESSES", "2")
ACKNOWLEDGE = os.environ.get("PEER_ACKNOWLEDGE", "when_received")
CLIENTS = 32
kinds = {"list": ListQueueBroker, "stream": RedisStreamBroker}
broker = kinds[KIND](common.REDIS, queue_name="taskiq", max_connection_pool_size=64)


@broker.task(task_name="noop")
async def noop(body: str) -> None:
    pass


async def send(count):
    for _ in range(count):
        await noop.kiq(common.BODY)


async def enqueue():
    await broker.startup()
    start = time.monotonic()
    await asyncio.gather(*(send(len(range(client, common.JOBS, CLIENTS))) for client in range(CLIENTS)))
    seconds = time.monotonic() - start
    await broker.shutdown()
    return seconds


def main():
    enqueued = asyncio.run(enqueue())
    command = [
        sys.executable, "-m", "taskiq", "worker", "taskiq_peer:broker", "--workers", PROCESSES, "--max-async-tasks",
        TASKS, "--max-prefetch", PREFETCH, "--ack-type", ACKNOWLEDGE, "--no-parse", "--log-level", "ERROR",
    ]
    if KIND == "list":
        seconds = common.drain_list("taskiq", [command], lambda redis: redis.llen("taskiq"))
        acknowledged = "list broker without acknowledgement"
    else:
        seconds = common.drain_stream("taskiq", "taskiq", command)
        acknowledged = f"stream broker, acknowledged {ACKNOWLEDGE.replace('_', ' ')}"
    settings = (
        f"{PROCESSES} processes of {TASKS} tasks, prefetch {PREFETCH}, {acknowledged}, uvloop, no parsing of types; "
        f"{CLIENTS} senders")
    packages = f"taskiq {common.version('taskiq')}, taskiq-redis {common.version('taskiq-redis')}"
    common.report(packages, settings, enqueued, seconds)


if __name__ == "__main__":
    main()
