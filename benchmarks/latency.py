#!/usr/bin/env python3
"""How soon a job is begun: events arrive over HTTP at a steady rate, and the server's own records say the rest.

Each event is a request of its own, sent at its time whether others have been answered or not, over a few connections
that are kept. Its job is a small save of a document of its own, the cheapest work of the standard workers. Pickup is
from the event's `recorded_at` to its job's `started_at`: routing, planning, the queue and the lease.

Both are whole milliseconds of one clock, rounded down, so that a single figure is wrong by less than 1 ms either way,
and the mean of many by nearly nothing.
"""

import argparse
import datetime
import http.client
import json
import pathlib
import sys
import tempfile
import threading
import time
import urllib.parse

from server import Server

PIPELINE = """
pipeline: pickup
trigger: { event: Picked }
stages:
  save:
    uses: autosave.persist
    with: { document: "${event.id}", revision: 1, content: "${event.payload.number}" }
"""


def send(url, numbers, rate, begin, times):
    """Sends the events of one connection, each at its time, and notes how long the answer took."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
    for number in numbers:
        due = begin + number / rate
        if due > time.monotonic():
            time.sleep(due - time.monotonic())
        body = json.dumps(
            {"id": f"e{number}", "type": "Picked", "tenant_id": "bench", "payload": {"number": str(number)}})
        start = time.monotonic()
        connection.request("POST", "/v1/events", body.encode(), {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        if response.status != 202:
            sys.exit(f"The server answered {response.status}.")
        times[number] = (1000 * (time.monotonic() - start), 1000 * (start - due))
    connection.close()


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


def pickups(server):
    """Milliseconds from recording an event to beginning its job, by event."""
    events = pages(server, "/v1/events", "events", "before", "next_before")
    runs = {run["event_id"]: run["id"] for run in pages(server, "/v1/runs", "runs", "before", "next_before")}
    jobs = {job["run_id"]: job for job in pages(server, "/v1/jobs", "jobs", "before", "next_before")}
    return {
        event["id"]: moment(jobs[runs[event["id"]]]["started_at"]) - moment(event["recorded_at"]) for event in events}


def line(what, values):
    values = sorted(values)
    p50, p95, p99 = (values[min(len(values) - 1, int(len(values) * share))] for share in (0.5, 0.95, 0.99))
    mean = sum(values) / len(values)
    print(f"{what:34} p50 {p50:6.1f}   p95 {p95:6.1f}   p99 {p99:6.1f}   most {values[-1]:6.1f}   mean {mean:6.2f}")


def measure(programs, folder, rate, seconds, connections):
    pipelines = folder / "pipelines"
    pipelines.mkdir()
    (pipelines / "pickup.yaml").write_text(PIPELINE)
    server = Server(programs, folder / "data", pipelines)
    try:
        count = rate * seconds
        times, begin = {}, time.monotonic() + 0.5
        threads = [
            threading.Thread(target=send, args=(server.url, range(place, count, connections), rate, begin, times))
            for place in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(times) < count:
            sys.exit("Not every event was taken.")
        while server.metric("millrace_jobs_total", 'outcome="succeeded"') < count:
            time.sleep(0.05)
        found = pickups(server)
        if len(found) < count:
            sys.exit(f"Only {len(found)} events are to be seen.")
        # The first second warms up: connections, caches, files that grow.
        warm = range(rate, count)
        print(f"{count} events at {rate}/s over {connections} connections; milliseconds without the first second")
        line("pickup (recorded to started)", [found[f"e{number}"] for number in warm])
        line("answer to the request", [times[number][0] for number in warm])
        line("sent later than planned", [times[number][1] for number in warm])
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="the folder of the built programs")
    parser.add_argument("--rate", type=int, default=300, help="events a second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    for number in range(arguments.rounds):
        print(f"--- round {number + 1} of {arguments.rounds}", flush=True)
        with tempfile.TemporaryDirectory() as name:
            measure(
                arguments.programs.absolute(), pathlib.Path(name), arguments.rate, arguments.seconds,
                arguments.connections)


if __name__ == "__main__":
    sys.exit(main())
