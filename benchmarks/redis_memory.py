#!/usr/bin/env python3
"""How much of Redis waiting jobs take up: their entries alone, in an empty throw-away server, by its own account.

What a job carries stays in PostgreSQL, so that the length of its payload makes no difference.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

from backends import Redis


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, required=True, help="the built millrace-bench-queue")
    parser.add_argument("--jobs", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        redis = Redis(pathlib.Path(name))
        try:
            before = redis.info("used_memory")
            subprocess.run(
                [str(options.program.absolute()), "--url", redis.url, "--wait", str(options.jobs)], check=True)
            used, resident = redis.info("used_memory") - before, redis.info("used_memory_rss")
            print(redis.describe())
            print(
                f"{options.jobs:,} waiting jobs: {used / 1e6:.1f} MB, {used / options.jobs:.0f} bytes each; the server "
                f"holds {resident / 1e6:.1f} MB of memory in all")
        finally:
            redis.stop()


if __name__ == "__main__":
    sys.exit(main())
