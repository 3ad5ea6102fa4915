#!/usr/bin/env python3
"""What `coalesce` makes of many saves, and how soon after its window's end a job is begun.

First 100 documents are written for a while by clients that send at once: each document has a newer save more often
than its window is quiet; saves come shuffled, some of them twice, some late, some under a second id. The pipeline is
the `autosave` that ships, with a window of its own. What was kept is read back as a person would: the document's newest
revision, and the state of every job of every event. T is the time from a document's first event to its last, by the
server's records.

Then documents are saved once each, with a window of 50 ms. A job is late by its `started_at` less the end of its
window, which is 50 ms after the job was created. All are whole milliseconds of one clock.

With `--production` a dispatcher and a worker on PostgreSQL and Redis are measured, else `millrace serve` on a folder.
"""

import argparse
import concurrent.futures
import math
import pathlib
import random
import sys
import tempfile
import time

from latency import line, moment, pages, shares
from server import HOME
from serving import serving

TENANT = "acme"
SHORT = """
pipeline: short
trigger: { event: SavedOnce }
stages:
  persist:
    uses: autosave.persist
    coalesce: { key: "${event.resource.id}", quiet: 50ms, max_wait: 1s }
    with: { document: "${event.resource.id}", revision: 1, content: "one" }
"""


def save(kind, number, document, revision):
    return {
        "id": f"e{number}", "type": kind, "tenant_id": TENANT,
        "resource": {"kind": "document", "id": document},
        "payload": {"revision": revision, "content": f"revision {revision}"}}


def servers(options, folder):
    """The server that takes the events."""
    pipelines = folder / "pipelines"
    pipelines.mkdir()
    shipped = (HOME / "pipelines" / "autosave.yaml").read_text()
    window = f"quiet: {options.quiet}ms, max_wait: {options.longest}ms"
    if shipped.count("quiet: 1s, max_wait: 10s") != 1:
        sys.exit("The pipeline autosave has another window than this knows.")
    (pipelines / "autosave.yaml").write_text(shipped.replace("quiet: 1s, max_wait: 10s", window))
    (pipelines / "short.yaml").write_text(SHORT)
    return serving(options, folder, pipelines)


class Writers:
    """What is sent, in arrays, and what of it must be to be seen."""

    def __init__(self, server, chance):
        self.server, self.chance, self.sent = server, chance, 0
        self.newest, self.left, self.documents = {}, {}, {}

    def round(self, documents):
        """A newer save of every document, and what comes twice, late or under another id."""
        events = []
        for document in documents:
            gap = self.chance.randrange(3)
            last = self.newest.get(document, 0)
            self.left.setdefault(document, []).extend(range(last + 1, last + 1 + gap))
            self.newest[document] = last + 1 + gap
            events.append(self.event(document, self.newest[document]))
            dice = self.chance.randrange(8)
            if dice == 0:
                events.append(events[-1])
            elif dice == 1:
                events.append(self.event(document, self.newest[document]))
            elif dice < 4 and self.left[document]:
                late = self.left[document].pop(self.chance.randrange(len(self.left[document])))
                events.append(self.event(document, late))
        self.chance.shuffle(events)
        return events

    def event(self, document, revision):
        self.sent += 1
        event = save("DocumentSaved", self.sent, document, revision)
        self.documents[event["id"]] = document
        return event


def write(server, options):
    """Everybody writes; gives the newest revision of each document, and of each event which document it saves."""
    chance = random.Random(options.seed)
    writers = Writers(server, chance)
    documents = [f"document-{number}" for number in range(options.documents)]
    start, due = time.monotonic(), time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(4) as clients:
        waiting = []
        while time.monotonic() - start < options.seconds:
            events = writers.round(documents)
            size = math.ceil(len(events) / 4)
            for first in range(0, len(events), size):
                waiting.append(clients.submit(server.call, "/v1/events", events[first:first + size]))
            due += options.every / 1000
            time.sleep(max(0, due - time.monotonic()))
        for answer in waiting:
            answer.result()
    return writers.newest, writers.documents


def ended(server, pipeline, count):
    """Every job of a pipeline by its run, once all have ended."""
    deadline = time.monotonic() + 300
    while True:
        if server.metric("millrace_queue_depth") == 0:
            jobs = pages(server, "/v1/jobs", "jobs", "before", "next_before")
            jobs = [job for job in jobs if job["pipeline"] == pipeline]
            if len(jobs) == count and all(job.get("finished_at") for job in jobs):
                return {job["run_id"]: job for job in jobs}
        if time.monotonic() > deadline:
            sys.exit("Not every event has led to a job that has ended.")
        time.sleep(0.5)


def figures(server, options, newest, documents):
    jobs = ended(server, "autosave", len(documents))
    runs = pages(server, "/v1/runs", "runs", "before", "next_before")
    events = {
        event["id"]: event for event in pages(server, "/v1/events", "events", "before", "next_before")
        if event["type"] == "DocumentSaved"}
    runs_of = {}
    for run in runs:
        runs_of.setdefault(run["event_id"], []).append(run["id"])
    kept, superseded, arrivals, right = {}, 0, {}, 0
    for name, event in events.items():
        if len(runs_of[name]) != 1:
            sys.exit(f"Event {name} has {len(runs_of[name])} runs.")
        job = jobs[runs_of[name][0]]
        document = documents[name]
        arrivals.setdefault(document, []).append(moment(event["recorded_at"]))
        if job["state"] == "SUCCEEDED":
            kept[document] = kept.get(document, 0) + 1
        elif job["state"] == "CANCELLED" and job.get("waiting_for") == "superseded":
            superseded += 1
    for document, revision in newest.items():
        page = server.call(f"/v1/documents/{document}/revisions?tenant_id={TENANT}&limit=1")
        right += page["revisions"][0]["revision"] == revision
    longest = max((times[-1] - times[0]) / 1000 for times in map(sorted, arrivals.values()))
    most = math.ceil(1000 * longest / options.longest) + 1
    saves = sum(kept.values())
    window = f"quiet {options.quiet} ms, longest wait {options.longest / 1000:g} s"
    print(f"{len(newest)} documents, T {longest:.1f} s, {window}")
    print(f"events {len(events)}: kept {saves}, superseded {superseded}, otherwise {len(events) - saves - superseded}")
    print(f"saves of one document: {min(kept.values())} to {max(kept.values())}, at most {most} are allowed")
    print(f"heads right: {right} of {len(newest)}", flush=True)


def lateness(server, options):
    """How late the ends of windows are worked on, when each has one save."""
    count = options.rate * options.seconds
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(4) as clients:
        waiting = []
        for number in range(count):
            event = save("SavedOnce", f"once-{number}", f"once-{number}", 1)
            waiting.append(clients.submit(server.call, "/v1/events", event))
            time.sleep(max(0, start + number / options.rate - time.monotonic()))
        for answer in waiting:
            answer.result()
    late = [
        moment(job["started_at"]) - moment(job["created_at"]) - 50 for job in ended(server, "short", count).values()]
    line("begun after the window's end", *shares(late))
    print(f"{count} windows of 50 ms, {options.rate} a second; the least {min(late)}; milliseconds", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="the folder of the built programs")
    parser.add_argument("--production", action="store_true", help="a dispatcher and a worker on PostgreSQL and Redis")
    parser.add_argument("--documents", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--every", type=int, default=100, help="milliseconds between two saves of a document")
    parser.add_argument("--quiet", type=int, default=300, help="milliseconds")
    parser.add_argument("--longest", type=int, default=2000, help="milliseconds")
    parser.add_argument("--rate", type=int, default=100, help="windows of 50 ms a second")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    print(f"--- {'PostgreSQL and Redis' if options.production else 'SQLite'}, seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as name, servers(options, pathlib.Path(name)) as server:
        newest, documents = write(server, options)
        figures(server, options, newest, documents)
        lateness(server, options)


if __name__ == "__main__":
    sys.exit(main())
