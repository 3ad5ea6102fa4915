"""Dramatiq on Redis: two worker processes, no middleware."""

import os
import sys
import time

import dramatiq
from dramatiq.brokers.redis import RedisBroker

import common

THREADS = os.environ.get("PEER_THREADS", "4")
broker = RedisBroker(url=common.REDIS, middleware=[])
dramatiq.set_broker(broker)


@dramatiq.actor
def noop(body):
    pass


def main():
    start = time.monotonic()
    for _ in range(common.JOBS):
        noop.send(common.BODY)
    enqueued = time.monotonic() - start
    os.environ["dramatiq_queue_prefetch"] = "1000"
    command = [sys.executable, "-m", "dramatiq", "dramatiq_peer", "--processes", "2", "--threads", THREADS]
    seconds = common.drain_list(
        "dramatiq:default", [command], lambda redis: redis.hlen("dramatiq:default.msgs"))
    settings = f"2 processes of {THREADS} threads, no middleware, prefetch 1,000; sent one by one"
    common.report(f"Dramatiq {common.version('dramatiq')}", settings, enqueued, seconds)


if __name__ == "__main__":
    main()
