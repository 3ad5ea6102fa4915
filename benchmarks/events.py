#!/usr/bin/env python3
"""How many events a server takes in over HTTP: arrays, each committed in PostgreSQL before the answer.

A dispatcher as in production, on a throw-away PostgreSQL and Redis, takes arrays of events from a client in C that
sends the next as soon as one is answered. Once no pipeline wants the events; once each starts a job, which is routed
while others come in, and waits; and once a worker does those jobs as well, small saves of documents.
"""

import argparse
import json
import pathlib
import statistics
import sys
import tempfile
import time

from backends import Postgres, Redis
from sender import Sender
from server import Production

PIPELINE = """
pipeline: wanted
trigger: { event: Wanted }
stages:
  save:
    uses: autosave.persist
    with: { document: "${event.id}", revision: 1, content: "${event.payload.body}" }
"""
WAYS = {
    "recorded alone": ("Unwanted", 0),
    "each is routed to a job, which waits": ("Wanted", 0),
    "each is routed to a job, which a worker does": ("Wanted", 1),
}


def measure(options, way, sender, folder, postgres, redis):
    """Events per second, and what else is known of one way of taking them in."""
    kind, workers = WAYS[way]
    pipelines = folder / "pipelines"
    pipelines.mkdir(exist_ok=True)
    (pipelines / "wanted.yaml").write_text(PIPELINE)
    redis.call("FLUSHALL")
    with tempfile.TemporaryDirectory(dir=folder) as name:
        data = pathlib.Path(name)
        servers = Production(options.programs.absolute(), data, pipelines, postgres, redis, workers=workers)
        try:
            dispatcher = servers.dispatchers[0]
            requests, begin = options.events // options.array, time.monotonic()
            found = sender.send(
                dispatcher.port, requests, kind, array=options.array, payload=options.payload,
                connections=options.connections)
            taken = dispatcher.metric("millrace_events_total", 'answer="accepted"')
            if taken != found["events"]:
                sys.exit(f"Only {taken:.0f} of {found['events']} events were taken in.")
            rate = round(found["events"] / found["seconds"])
            if kind == "Wanted" and not workers:
                while dispatcher.metric("millrace_queue_depth", 'state="waiting"') < taken:
                    time.sleep(0.1)
                found["routed_after"] = round(time.monotonic() - begin, 1)
            return {"events_a_second": rate, **found}
        finally:
            servers.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="the folder of the built programs")
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--array", type=int, default=100)
    parser.add_argument("--payload", type=int, default=512, help="bytes")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    sender, found, begin = Sender(), {way: [] for way in WAYS}, time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        postgres, redis = Postgres(folder), Redis(folder)
        try:
            print(f"{postgres.describe()}\n{redis.describe()}")
            print(
                f"{options.events:,} events in arrays of {options.array} over {options.connections} connections, "
                f"payload {options.payload} bytes, one dispatcher")
            for number in range(1, options.rounds + 1):
                for way in WAYS:
                    found[way].append(measure(options, way, sender, folder, postgres, redis))
                    print(f"round {number}, {way}: {json.dumps(found[way][-1])}", flush=True)
        finally:
            redis.stop()
            postgres.stop()
    print("\n| events/s | " + " | ".join(f"round {number + 1}" for number in range(options.rounds)) + " | median |")
    print("| --- |" + " --- |" * (options.rounds + 1))
    for way, results in found.items():
        rates = [result["events_a_second"] for result in results]
        print(f"| {way} | " + " | ".join(f"{rate:,}" for rate in [*rates, round(statistics.median(rates))]) + " |")
    print(f"\nAll took {time.monotonic() - begin:.0f} s.")


if __name__ == "__main__":
    sys.exit(main())
