#!/usr/bin/env python3
"""How soon a job is begun: events arrive over HTTP at a steady rate, and the server's own records say the rest.

Each event is a request of its own (or so many are, with `--array`), sent at its time whether others have been
answered or not, over a few connections that are kept, by a client in C. Its job is a small save of a document of its
own, the cheapest work of the standard workers. Pickup is from the event's `recorded_at` to its job's `started_at`:
routing, planning, the queue and the lease. With `--production` a dispatcher and a worker on PostgreSQL and Redis are
measured, else `millrace serve` on a folder.

Both are whole milliseconds of one clock, rounded down, so that a single figure is wrong by less than 1 ms either way,
and the mean of many by nearly nothing.
"""

import argparse
import datetime
import pathlib
import sys
import tempfile
import time

from sender import Sender
from serving import serving

PIPELINE = """
pipeline: pickup
trigger: { event: Picked }
stages:
  save:
    uses: autosave.persist
    with: { document: "${event.id}", revision: 1, content: "${event.payload.body}" }
"""


def pages(server, path, key, cursor, more):
    """All elements of a list, page by page."""
    found, place = [], ""
    while True:
        page = server.call(f"{path}?limit=1000{place}")
        found += page[key]
        if not page[key] or page.get(more) is None:
            return found
        place = f"&{cursor}={page[more]}"


def moment(text):
    return round(1000 * datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def begun_jobs(server, count):
    """Every job, once so many have been begun."""
    deadline = time.monotonic() + 300
    while True:
        if server.metric("millrace_queue_depth") == 0:
            jobs = pages(server, "/v1/jobs", "jobs", "before", "next_before")
            if len([job for job in jobs if job.get("started_at")]) >= count:
                return jobs
        if time.monotonic() > deadline:
            sys.exit("Not every event has led to a job that was begun.")
        time.sleep(0.5)


def pickups(server, count):
    """Milliseconds from recording an event to beginning its job, by event."""
    jobs = {job["run_id"]: job for job in begun_jobs(server, count)}
    events = pages(server, "/v1/events", "events", "before", "next_before")
    runs = {run["event_id"]: run["id"] for run in pages(server, "/v1/runs", "runs", "before", "next_before")}
    return {
        event["id"]: moment(jobs[runs[event["id"]]]["started_at"]) - moment(event["recorded_at"]) for event in events}


def line(what, p50, p95, p99, most, mean):
    print(f"{what:30} p50 {p50:6.1f}  p95 {p95:6.1f}  p99 {p99:6.1f}  most {most:6.1f}  mean {mean:6.2f}", flush=True)


def shares(values):
    values = sorted(values)
    marks = [values[min(len(values) - 1, int(len(values) * share))] for share in (0.5, 0.95, 0.99)]
    return [*marks, values[-1], sum(values) / len(values)]


def servers(options, folder):
    """The server that takes the events."""
    pipelines = folder / "pipelines"
    pipelines.mkdir()
    (pipelines / "pickup.yaml").write_text(PIPELINE)
    return serving(options, folder, pipelines)


def measure(options, rate, sender, folder):
    with servers(options, folder) as server:
        count = rate * options.seconds
        sent = sender.send(
            server.port, count // options.array, "Picked", array=options.array, payload=options.payload,
            connections=options.connections, rate=rate / options.array)
        found = pickups(server, count)
        if len(found) < count:
            sys.exit(f"Only {len(found)} events are to be seen.")
        # The first second warms up: connections, caches, files that grow.
        print(f"{count} events at {rate}/s, {options.array} a request, {options.connections} connections; milliseconds")
        line("pickup, after the first second", *shares([found[f"e{number:09}"] for number in range(rate, count)]))
        line("answer to the request", *sent["answer_ms"].values())
        line("sent later than planned", *sent["late_ms"].values())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="the folder of the built programs")
    parser.add_argument("--production", action="store_true", help="a dispatcher and a worker on PostgreSQL and Redis")
    parser.add_argument("--rate", type=int, action="append", help="events a second; may be given several times")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--array", type=int, default=1, help="events a request")
    parser.add_argument("--payload", type=int, default=16, help="bytes")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    sender = Sender()
    for number in range(options.rounds):
        for rate in options.rate or [300]:
            print(f"--- round {number + 1} of {options.rounds}, {rate}/s", flush=True)
            with tempfile.TemporaryDirectory() as name:
                measure(options, rate, sender, pathlib.Path(name))


if __name__ == "__main__":
    sys.exit(main())
