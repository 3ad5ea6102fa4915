"""Celery on Redis: two worker processes that run tasks themselves, no results, no events, acknowledged when taken."""

import sys
import time

from celery import Celery

import common

app = Celery("celery_peer", broker=common.REDIS)
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=256, worker_hijack_root_logger=False)


@app.task(name="noop")
def noop(body):
    pass


def worker(name):
    return [
        sys.executable, "-m", "celery", "-A", "celery_peer", "worker", "--pool=solo", "--without-gossip",
        "--without-mingle", "--without-heartbeat", "--loglevel=ERROR", f"--hostname={name}@peer",
    ]


def main():
    start = time.monotonic()
    with app.producer_pool.acquire() as producer:
        for _ in range(common.JOBS):
            noop.apply_async((common.BODY,), producer=producer)
    enqueued = time.monotonic() - start
    seconds = common.drain_list(
        "celery", [worker("one"), worker("two")], lambda redis: redis.llen("celery") + redis.hlen("unacked"))
    settings = "2 processes, pool solo, prefetch 256, early acknowledgement, results ignored; sent one by one"
    common.report(f"Celery {common.version('celery')}", settings, enqueued, seconds)


if __name__ == "__main__":
    main()
