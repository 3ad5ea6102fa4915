"""Sidekiq of Debian's packages; a job that was taken is gone when its process dies."""

import os
import subprocess

import common

PROCESSES = int(os.environ.get("PEER_PROCESSES", "2"))
THREADS = os.environ.get("PEER_THREADS", "10")
OPTIONS = os.environ.get("PEER_RUBYOPT", "--yjit")
DRIVER = os.environ.setdefault("PEER_DRIVER", "hiredis")
JOB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sidekiq_job.rb")


def ruby(verb):
    return subprocess.run(["ruby", JOB, verb], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def main():
    enqueued = float(ruby("enqueue"))
    os.environ["RUBYOPT"] = OPTIONS
    command = ["sidekiq", "-r", JOB, "-c", THREADS, "-q", "default"]
    seconds = common.drain_list("queue:default", [command] * PROCESSES, lambda redis: redis.llen("queue:default"))
    options = f"RUBYOPT={OPTIONS}, " if OPTIONS else "no RUBYOPT, "
    driver = "ruby-hiredis, " if DRIVER == "hiredis" else "the driver in Ruby, "
    settings = (
        f"{PROCESSES} processes of {THREADS} threads, {options}{driver}basic fetch (what was taken is lost in a "
        "crash), no retries; pushed in bulks of 1,000")
    common.report(f"Sidekiq {ruby('version')}", settings, enqueued, seconds)


if __name__ == "__main__":
    main()
