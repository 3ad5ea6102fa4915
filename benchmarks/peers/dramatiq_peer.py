"""Dramatiq on Redis: no middleware, acknowledged when done."""

import os
import sys
import time

import dramatiq
from dramatiq.brokers.redis import RedisBroker

import common

THREADS = os.environ.get("PEER_THREADS", "4")
PROCESSES = os.environ.get("PEER_PROCESSES", "2")
PREFETCH = os.environ.get("PEER_PREFETCH", "1000")
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
    os.environ["dramatiq_queue_prefetch"] = PREFETCH
    command = [sys.executable, "-m", "dramatiq", "dramatiq_peer", "--processes", PROCESSES, "--threads", THREADS]
    seconds = common.drain_list(
        "dramatiq:default", [command], lambda redis: redis.hlen("dramatiq:default.msgs"))
    settings = f"{PROCESSES} processes of {THREADS} threads, no middleware, prefetch {PREFETCH}; sent one by one"
    common.report(f"Dramatiq {common.version('dramatiq')}", settings, enqueued, seconds)


if __name__ == "__main__":
    main()
