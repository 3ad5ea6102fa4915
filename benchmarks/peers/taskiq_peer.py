"""taskiq on a Redis list: two worker processes on uvloop; a job that was taken is gone when its process dies."""

import asyncio
import sys
import time

from taskiq_redis import ListQueueBroker

import common

broker = ListQueueBroker(common.REDIS, queue_name="taskiq", max_connection_pool_size=64)
CLIENTS = 32


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
        sys.executable, "-m", "taskiq", "worker", "taskiq_peer:broker", "--workers", "2", "--max-async-tasks", "100",
        "--max-prefetch", "100", "--log-level", "ERROR",
    ]
    seconds = common.drain_list("taskiq", [command], lambda redis: redis.llen("taskiq"))
    settings = f"2 processes of 100 tasks, prefetch 100, list broker without acknowledgement; {CLIENTS} senders"
    packages = f"taskiq {common.version('taskiq')}, taskiq-redis {common.version('taskiq-redis')}"
    common.report(packages, settings, enqueued, seconds)


if __name__ == "__main__":
    main()
