#!/usr/bin/env python3
"""The resident memory of `millrace serve`: idle, and with very many jobs waiting.

The jobs wait behind calls to a socket that takes connections and never answers. Each figure is VmRSS, and VmHWM, the
most there ever was, of /proc/PID/status.
"""

import argparse
import json
import pathlib
import socket
import sys
import tempfile
import time

from server import Server

BATCH = 1000
PIPELINE = """
pipeline: waiting
trigger: {{ event: Waits }}
stages:
  call:
    uses: http.call
    queue: waiting
    timeout: 6h
    with: {{ url: "http://127.0.0.1:{port}/" }}
"""


def show(what, server):
    now, most = server.memory()
    print(f"{what}: {now:.0f} MiB resident, {most:.0f} MiB at most", flush=True)


def fill(server, jobs):
    """Sends events in arrays and waits until every one of them has led to a job that waits."""
    begin = time.monotonic()
    for start in range(0, jobs, BATCH):
        events = [
            {"id": f"e{number}", "type": "Waits", "tenant_id": "bench", "payload": {"number": number}}
            for number in range(start, min(start + BATCH, jobs))]
        server.text("/v1/events", json.dumps(events).encode())
    sent = time.monotonic() - begin
    while server.metric("millrace_queue_depth", 'queue="waiting"') < jobs:
        time.sleep(0.5)
    print(f"{jobs} events of a job each: sent in {sent:.0f} s, all waiting after {time.monotonic() - begin:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="the folder of the built programs")
    parser.add_argument("--jobs", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0), backlog=256) as deaf:
        folder = pathlib.Path(name)
        programs = arguments.programs.absolute()
        pipelines = folder / "pipelines"
        pipelines.mkdir()
        port = deaf.getsockname()[1]
        (pipelines / "waiting.yaml").write_text(PIPELINE.format(port=port))
        idle = Server(programs, folder / "idle")
        time.sleep(5)
        show("idle", idle)
        idle.stop()
        if not arguments.jobs:
            return
        options = {"pipelines": pipelines, "variables": {"MILLRACE_HTTP_ALLOW": f"127.0.0.1:{port}"}}
        server = Server(programs, folder / "full", **options)
        fill(server, arguments.jobs)
        time.sleep(5)
        show(f"{arguments.jobs} jobs waiting, after taking them in", server)
        server.stop()
        begin = time.monotonic()
        server = Server(programs, folder / "full", **options)
        print(f"started again with them in {time.monotonic() - begin:.1f} s")
        time.sleep(5)
        show(f"{arguments.jobs} jobs waiting, started again", server)
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
