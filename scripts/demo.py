#!/usr/bin/env python3
"""Runs Millrace's main job on real input: pictures and a burst of saves, over HTTP, and says what it did."""

import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

HOME = pathlib.Path(__file__).resolve().parent.parent
TENANT = "demo"
TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".gif": "image/gif"}
STORY = (
    "The mill stood where two streams met. Every night the wheel turned, and every morning the flour was there. "
    "Nobody had seen the miller. What was brought in was ground, once, in the order in which it came. "
).split()


class Server:
    """A server of its own over the demo's data folder."""

    def __init__(self, programs, data):
        self.data = data
        self.command = [str(programs / "millrace"), "serve", "--data", str(data), "--pipelines", str(HOME / "pipelines")]
        self.log = open(data / "serve.log", "ab")
        self.process = subprocess.Popen(
            self.command + ["--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        if "listening on " not in line:
            sys.exit(f"The server did not start; it said why in {data / 'serve.log'}.")
        self.url = line.split("listening on ")[1].split()[0]

    def call(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.log.close()


def pictures_in(folder, most):
    found = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix.lower() in TYPES)
    if not found:
        sys.exit(f"There is no picture (JPEG, PNG, WebP or GIF) in {folder}.")
    if len(found) > most:
        print(f"{folder} holds {len(found)} pictures; the demo takes the first {most}.")
    return found[:most]


def upload(picture, name, data):
    """What a browser's upload would have done: puts the picture where the tenant's objects are."""
    target = data / "objects" / TENANT / "uploads" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    shutil.copyfile(picture, part)
    part.rename(target)
    return f"uploads/{name}"


def uploaded(key, name):
    return {
        "id": f"upload-{name}-{time.time_ns()}", "type": "MediaUploaded", "tenant_id": TENANT,
        "payload": {"object_key": key, "content_type": TYPES[pathlib.Path(name).suffix.lower()]},
    }


def saves(document, count):
    """A document that grows with every save; some arrive late, some twice, as they do from a real editor.

    They come in three bursts: somebody writes, stops to think, and goes on.
    """
    events = []
    for revision in range(1, count + 1):
        text = " ".join(STORY[i % len(STORY)] for i in range(revision * 12))
        events.append({
            "id": f"{document}-{revision}", "type": "DocumentSaved", "tenant_id": TENANT,
            "resource": {"kind": "document", "id": document}, "payload": {"revision": revision, "content": text},
        })
    for index in range(5, count - 1, 7):
        events[index], events[index + 1] = events[index + 1], events[index]
    third = (count + 2) // 3
    bursts = [events[start:start + third] for start in range(0, count, third)]
    bursts[-1] += random.Random(7).sample(events, 5)
    return bursts


def job_of(server, event):
    """The one job that an event led to, or None while it is still to be sent or routed."""
    try:
        runs = server.call(f"/v1/events/{event}?tenant_id={TENANT}")["runs"]
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        return None
    return runs[0]["stages"][0].get("job") if runs else None


def send(server, bursts):
    """Sends saves one by one; after each burst it waits until the newest of them is kept."""
    answers = []
    for burst in bursts:
        answers += [server.call("/v1/events", save)["events"][0] for save in burst]
        newest = max(burst, key=lambda save: save["payload"]["revision"])["id"]
        end = time.monotonic() + 30
        while (job_of(server, newest) or {}).get("state") != "SUCCEEDED" and time.monotonic() < end:
            time.sleep(0.05)
    return answers


def watch(server, events):
    """Shows the jobs moving until all have ended, and returns them by event."""
    jobs, last, end = {}, "", time.monotonic() + 300
    while time.monotonic() < end:
        for event in events:
            if event not in jobs or jobs[event]["state"] in ("PENDING", "QUEUED", "RUNNING"):
                job = job_of(server, event)
                if job:
                    jobs[event] = job
        states = {}
        for job in jobs.values():
            states[job["state"]] = states.get(job["state"], 0) + 1
        line = "  ".join(f"{state.lower()} {count}" for state, count in sorted(states.items()))
        if line != last:
            print(f"  {line}", flush=True)
            last = line
        if len(jobs) == len(events) and not states.keys() & {"PENDING", "QUEUED", "RUNNING"}:
            return jobs
        time.sleep(0.1)
    sys.exit("The jobs did not end within 5 minutes; look at serve.log in the demo's data folder.")


def table(rows):
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  " + "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())


def show_pictures(data, names, jobs):
    rows = [("PICTURE", "IS", "STATE", "THUMBNAILS")]
    for event, name in names.items():
        job = jobs[event]
        if job["state"] != "SUCCEEDED":
            failure = job["failure"] or {}
            rows.append((name, "-", job["state"], f"{failure.get('code')}: {failure.get('message')}"))
            continue
        source = job["output"]["source"]
        files = job["output"]["files"]
        rows.append((
            name, f"{source['format']} {source['width']}x{source['height']}", job["state"],
            ", ".join(f"{f['width']}x{f['height']} ({f['bytes'] // 1024 + 1} KiB)" for f in files)))
    table(rows)
    print(f"\n  The thumbnails are in {data / 'objects' / TENANT / 'thumbnails'}")
    succeeded = [job for job in jobs.values() if job["state"] == "SUCCEEDED" and "files" in (job["output"] or {})]
    if succeeded:
        largest = data / "objects" / TENANT / succeeded[0]["output"]["files"][0]["key"]
        print(f"  One of them: xdg-open {largest}")


def show_document(server, document, sent, jobs):
    revisions = server.call(f"/v1/documents/{document}/revisions?tenant_id={TENANT}&limit=1000")["revisions"]
    superseded = sum(job["state"] == "CANCELLED" for job in jobs)
    rows = [("DOCUMENT", "SAVES SENT", "SUPERSEDED", "REVISIONS", "NEWEST", "BYTES", "ON DISK")]
    rows.append((
        document, sent, superseded, len(revisions), revisions[0]["revision"], sum(r["bytes"] for r in revisions),
        sum(r["stored_bytes"] for r in revisions)))
    table(rows)
    print("\n  Of each burst of saves the newest is kept, once nothing has come for a second.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="the folder of the built programs")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="where the demo keeps everything")
    parser.add_argument("--pictures", type=pathlib.Path, default=HOME / "Tests/Fixtures/pictures/demo")
    parser.add_argument("--saves", type=int, default=60)
    parser.add_argument("--most", type=int, default=200, help="the most pictures")
    arguments = parser.parse_args()
    pictures_folder = arguments.pictures.expanduser()
    if not pictures_folder.is_dir():
        sys.exit(f"{pictures_folder} is no folder; name one that holds pictures: make demo PICTURES=~/Pictures")
    data = arguments.data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    pictures = pictures_in(pictures_folder, arguments.most)
    server = Server(arguments.programs.absolute(), data)
    try:
        document = run(server, data, pictures, arguments.saves)
    finally:
        server.stop()
    program, url = nearest(arguments.programs / "millrace"), "http://127.0.0.1:7380"
    print(f"""
Keep it running:   {program} serve --data {nearest(data)} --pipelines {nearest(HOME / "pipelines")}
and then, beside it:
  look at jobs:    {program} jobs list
  dead letters:    {program} dead list
  the newest text: {program} revisions show --tenant {TENANT} --document {document}
  readiness:       curl {url}/health/ready""")


def nearest(path):
    """The path as a person in this folder would write it."""
    path, here = path.absolute(), pathlib.Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def run(server, data, pictures, count):
    print(f"millrace serves on {server.url}, with everything in {data}\n")
    names, events = {}, []
    for number, picture in enumerate(pictures):
        name = f"{number:03d}-{picture.name}"
        event = uploaded(upload(picture, name, data), name)
        names[event["id"]] = picture.name
        events.append(event)
    broken = data / "broken.jpg"
    broken.write_text("This is a text, whatever its name says.\n")
    event = uploaded(upload(broken, "broken.jpg", data), "broken.jpg")
    names[event["id"]] = "broken.jpg (a text)"
    events.append(event)
    document = f"story-{time.strftime('%Y%m%d-%H%M%S')}"
    bursts = saves(document, count)
    sent = [save for burst in bursts for save in burst]
    print(f"Emitting {len(events)} uploads and {len(sent)} saves of a growing document, some late and some twice …")
    print("\nJobs:", flush=True)
    ids = [event["id"] for event in events] + sorted({save["id"] for save in sent})
    with concurrent.futures.ThreadPoolExecutor(1) as editor:
        answers = server.call("/v1/events", events)["events"]
        saved = editor.submit(send, server, bursts)
        jobs = watch(server, ids)
        answers += saved.result()
    accepted = sum(answer["status"] == "accepted" for answer in answers)
    print(f"\n{accepted} events were accepted, {len(answers) - accepted} were duplicates and changed nothing.\n")
    show_pictures(data, names, {event: jobs[event] for event in names})
    print()
    show_document(server, document, len(sent), [jobs[save] for save in {save["id"] for save in sent}])
    return document


if __name__ == "__main__":
    try:
        main()
    except urllib.error.URLError as error:
        sys.exit(f"The server stopped answering: {error.reason}")
