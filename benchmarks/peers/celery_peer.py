"""Celery on Redis: two worker processes, no results, no events, no remote control, acknowledged when taken."""

import os
import sys
import time

from celery import Celery

import common

POOL = os.environ.get("PEER_POOL", "solo")
CONCURRENCY = os.environ.get("PEER_CONCURRENCY", "1")
PROCESSES = int(os.environ.get("PEER_PROCESSES", "2"))
PREFETCH = int(os.environ.get("PEER_PREFETCH", "256"))
app = Celery("celery_peer", broker=common.REDIS)
app.conf.update(
    task_ignore_result=True, task_acks_late=False, worker_prefetch_multiplier=PREFETCH, worker_disable_rate_limits=True,
    worker_enable_remote_control=False, worker_send_task_events=False, worker_hijack_root_logger=False)


@app.task(name="noop")
def noop(body):
    pass


def worker(name):
    return [
        sys.executable, "-m", "celery", "-A", "celery_peer", "worker", f"--pool={POOL}", f"--concurrency={CONCURRENCY}",
        "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=ERROR", f"--hostname={name}@peer",
    ]


def main():
    start = time.monotonic()
    with app.producer_pool.acquire() as producer:
        for _ in range(common.JOBS):
            noop.apply_async((common.BODY,), producer=producer)
    enqueued = time.monotonic() - start
    seconds = common.drain_list(
        "celery", [worker(str(number)) for number in range(PROCESSES)],
        lambda redis: redis.llen("celery") + redis.hlen("unacked"))
    settings = (
        f"{PROCESSES} processes, pool {POOL} of {CONCURRENCY}, prefetch {PREFETCH}, early acknowledgement, no results, "
        "rate limits, events, gossip or remote control; sent one by one")
    common.report(f"Celery {common.version('celery')}", settings, enqueued, seconds)


if __name__ == "__main__":
    main()
