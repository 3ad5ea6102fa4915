"""Sidekiq of Debian's packages: two processes; a job that was taken is gone when its process dies."""

import os
import subprocess

import common

THREADS = os.environ.get("PEER_THREADS", "10")
JOB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sidekiq_job.rb")


def ruby(verb):
    return subprocess.run(["ruby", JOB, verb], check=True, capture_output=True, text=True).stdout.strip()


def main():
    enqueued = float(ruby("enqueue"))
    command = ["sidekiq", "-r", JOB, "-c", THREADS, "-q", "default"]
    seconds = common.drain_list("queue:default", [command, command], lambda redis: redis.llen("queue:default"))
    settings = f"2 processes of {THREADS} threads, basic fetch, no retries; pushed in bulks of 1,000"
    common.report(f"Sidekiq {ruby('version')}", settings, enqueued, seconds)


if __name__ == "__main__":
    main()
