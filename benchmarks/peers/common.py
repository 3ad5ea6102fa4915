"""What the peers' scripts share: where the servers are, how many jobs, and how a list in Redis is drained and timed."""

import importlib.metadata
import json
import os
import subprocess
import sys
import time

JOBS = int(os.environ.get("PEER_JOBS", "50000"))
BODY = "x" * int(os.environ.get("PEER_PAYLOAD", "512"))
POSTGRES = os.environ.get("PEER_POSTGRES", "")
REDIS = os.environ.get("PEER_REDIS", "")
# How long worker processes are given to start before they see the first job.
BOOT_SECONDS = float(os.environ.get("PEER_BOOT", "4"))
# A drain that takes longer than this has failed.
DRAIN_LIMIT = 300


def version(package):
    return importlib.metadata.version(package)


def report(peer, settings, enqueue_seconds, drain_seconds):
    """Prints what was measured, as one line of JSON."""
    rate = round(JOBS / enqueue_seconds)
    drained = round(JOBS / drain_seconds)
    print(json.dumps({"peer": peer, "settings": settings, "jobs": JOBS, "enqueued": rate, "drained": drained}))


class Workers:
    """Worker processes, from their start to the end of a measurement."""

    def __init__(self, commands):
        folder = os.path.dirname(os.path.abspath(__file__))
        self.processes = [
            subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) for command in commands]
        self.start = time.monotonic()

    def check(self):
        if time.monotonic() - self.start > DRAIN_LIMIT or any(worker.poll() is not None for worker in self.processes):
            sys.exit("The workers did not empty their queue.")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for worker in self.processes:
            # What they have started in turn goes when this script has ended.
            worker.kill()
            worker.wait()


def drain_list(key, commands, remaining):
    """Seconds in which workers, already started and waiting, empty the list `key`.

    The backlog is kept under another name while they start, and is given its own name when the clock starts.
    `remaining(client)` is how many jobs are neither done nor given up.
    """
    import redis

    client = redis.Redis.from_url(REDIS)
    client.rename(key, key + ":held")
    with Workers(commands) as workers:
        time.sleep(BOOT_SECONDS)
        start = time.monotonic()
        client.rename(key + ":held", key)
        while remaining(client) > 0:
            workers.check()
            time.sleep(0.01)
        return time.monotonic() - start


def drain_stream(key, group, command):
    """Seconds in which workers empty the stream `key`, from when the first of them has begun to read."""
    import redis

    client, start = redis.Redis.from_url(REDIS), time.monotonic()
    with Workers([command]) as workers:
        while True:
            state = [found for found in client.xinfo_groups(key) if found["name"] == group.encode()][0]
            if not state["entries-read"]:
                start = time.monotonic()
            elif state["lag"] == 0 and state["pending"] == 0:
                return time.monotonic() - start
            workers.check()
            time.sleep(0.01)
