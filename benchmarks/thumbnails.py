#!/usr/bin/env python3
"""Thumbnails through the pipeline beside vipsthumbnail: 12-megapixel JPEGs to three widths of WebP.

In turn, a real server makes the thumbnails of every picture (events over HTTP, jobs, files in object storage), and
vipsthumbnail is run three times a picture, two at a time. Both write the same sizes with the same quality and effort.
"""

import argparse
import concurrent.futures
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from server import Server

WIDTHS = (128, 512, 1600)
QUALITY = 80
TENANT = "bench"


def make_picture(folder, number):
    """Soft shapes of three sizes and some grain, as a camera's JPEG: 4,000 by 3,000 pixels."""
    def vips(*words):
        subprocess.run(["vips", *map(str, words)], check=True)

    band = [folder / f"{number}-{size}.v" for size in (500, 120, 40)]
    for place, (path, size) in enumerate(zip(band, (500, 120, 40))):
        vips("perlin", path, 4000, 3000, "--cell-size", size, "--seed", number * 3 + place + 1, "--uchar")
    noise, shapes, both, whole = (folder / f"{number}-{name}.v" for name in ("noise", "shapes", "both", "whole"))
    vips("gaussnoise", noise, 4000, 3000, "--mean", 0, "--sigma", 6, "--seed", number + 1)
    vips("bandjoin", " ".join(map(str, band)), shapes)
    vips("add", shapes, noise, both)
    vips("cast", both, whole, "uchar")
    picture = folder / f"{number:03d}.jpg"
    vips("copy", whole, f"{picture}[Q=90]", "--interpretation", "srgb")
    for path in [*band, noise, shapes, both, whole]:
        path.unlink()
    return picture


def through_pipeline(programs, pictures, folder):
    """Seconds from the first event's sending until the last job has succeeded."""
    uploads = folder / "objects" / TENANT / "uploads"
    uploads.mkdir(parents=True)
    for picture in pictures:
        os.link(picture, uploads / picture.name)
    server = Server(programs, folder)
    try:
        events = [
            {"id": picture.name, "type": "MediaUploaded", "tenant_id": TENANT,
             "payload": {"object_key": f"uploads/{picture.name}", "content_type": "image/jpeg"}}
            for picture in pictures]
        begin = time.monotonic()
        server.call("/v1/events", events)
        while (done := server.metric("millrace_jobs_total", 'pipeline="media"')) < len(pictures):
            time.sleep(0.01)
        seconds = time.monotonic() - begin
        if server.metric("millrace_jobs_total", 'pipeline="media"', 'outcome="succeeded"') != done:
            sys.exit("Some thumbnails failed; nothing is measured.")
        return seconds
    finally:
        server.stop()


def through_vipsthumbnail(pictures, folder, variables):
    """Seconds for three runs a picture, two at a time."""
    folder.mkdir()

    def thumbnail(job):
        picture, width = job
        subprocess.run(
            ["vipsthumbnail", str(picture), "--size", f"{width}x",
             "--output", f"{folder}/{picture.stem}-{width}.webp[Q={QUALITY},strip]"],
            check=True, env={**os.environ, **variables})

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        begin = time.monotonic()
        list(pool.map(thumbnail, [(picture, width) for picture in pictures for width in WIDTHS]))
        return time.monotonic() - begin


def total(paths):
    return sum(path.stat().st_size for path in paths) // 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="the folder of the built programs")
    parser.add_argument("--pictures", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            pictures = list(pool.map(lambda number: make_picture(folder, number), range(arguments.pictures)))
        print(
            f"{len(pictures)} JPEGs of 4000 x 3000 pixels, {total(pictures) // len(pictures)} KiB each, to WebP of "
            f"widths {', '.join(map(str, WIDTHS))}, quality {QUALITY}, effort 4; {os.cpu_count()} processors")
        ours, theirs = [], []
        for number in range(1, arguments.rounds + 1):
            data, there = folder / f"data-{number}", folder / f"vips-{number}"
            ours.append(through_pipeline(arguments.programs.absolute(), pictures, data))
            # With a thread each it is faster here, two being run at a time.
            theirs.append(through_vipsthumbnail(pictures, there, {"VIPS_CONCURRENCY": "1"}))
            standard = through_vipsthumbnail(pictures, folder / f"standard-{number}", {})
            print(
                f"round {number}: pipeline {ours[-1]:.2f} s, vipsthumbnail {theirs[-1]:.2f} s "
                f"(with its standard threads {standard:.2f} s); written "
                f"{total((data / 'objects' / TENANT / 'thumbnails').rglob('*.webp'))} and {total(there.iterdir())} KiB",
                flush=True)
            theirs[-1] = min(theirs[-1], standard)
        ratio = statistics.median(theirs) / statistics.median(ours)
        rate = len(pictures) / statistics.median(ours)
        print(f"medians: {rate:.2f} pictures/s through the pipeline, {ratio:.2f} times vipsthumbnail's speed at its best")


if __name__ == "__main__":
    main()
