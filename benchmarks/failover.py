#!/usr/bin/env python3
"""What a Redis failover costs under load: jobs at a steady rate, and the master killed in the middle.

Two dispatchers and two hosts, each with connections of its own, do no-op jobs of events that are recorded at a rate.
Redis is one master with two replicas and three Sentinels, or a cluster of three masters with a replica each; what is
killed (SIGKILL) is the master that has the queue. Its failure is noticed after a second (`down-after-milliseconds`,
`cluster-node-timeout`), and a replica promoted. Lost is an event whose job has not succeeded in the end; ended twice a
job of which hosts were told twice that they had settled it. The time is counted from the moment at which the promoted
replica says that it is the master.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from backends import Postgres, Redis, free_port

NODE_SETTINGS = ("--appendonly", "no", "--repl-diskless-sync-delay", "0")
MASTER = "mill"
SUCCEEDED = 3


class Sentinels:
    """A master, two replicas, and three Sentinels."""

    name = "Sentinel failover"

    def __init__(self, folder):
        first = Redis(folder, "master", NODE_SETTINGS)
        follow = (*NODE_SETTINGS, "--replicaof", f"127.0.0.1 {first.port}")
        self.nodes = [first, *(Redis(folder, f"replica-{number}", follow) for number in range(2))]
        self.sentinels = []
        for number in range(3):
            home = folder / f"sentinel-{number}"
            home.mkdir()
            file, port = home / "sentinel.conf", free_port()
            file.write_text(
                f"port {port}\ndir {home}\nsentinel monitor {MASTER} 127.0.0.1 {first.port} 2\n"
                f"sentinel down-after-milliseconds {MASTER} 1000\nsentinel failover-timeout {MASTER} 5000\n")
            process = subprocess.Popen(["redis-server", str(file), "--sentinel"], stdout=subprocess.DEVNULL)
            self.sentinels.append((port, process))
        self.url = "redis+sentinel://" + ",".join(f"127.0.0.1:{port}" for port, _ in self.sentinels) + f"/{MASTER}"
        while not all(self.is_complete(port) for port, _ in self.sentinels):
            time.sleep(0.1)

    @staticmethod
    def is_complete(port):
        words = call(port, "SENTINEL", "MASTER", MASTER).split("\n")
        facts = dict(zip(words[::2], words[1::2]))
        return facts.get("num-slaves") == "2" and facts.get("num-other-sentinels") == "2"

    @property
    def victim(self):
        return self.nodes[0]

    @property
    def heirs(self):
        return self.nodes[1:]

    def stop(self):
        for _, process in self.sentinels:
            process.terminate()
            process.wait()
        for node in self.nodes:
            node.stop()


class Cluster:
    """Three masters with a replica each."""

    name = "Cluster promotion"

    def __init__(self, folder):
        self.nodes, buses = [], []
        for number in range(6):
            buses.append(free_port())
            settings = (
                *NODE_SETTINGS, "--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port",
                str(buses[-1]))
            self.nodes.append(Redis(folder, f"node-{number}", settings))
        share = 16384 // 3 + 1
        for number, node in enumerate(self.nodes):
            node.call("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            if number < 3:
                node.call("CLUSTER", "ADDSLOTSRANGE", number * share, min((number + 1) * share, 16384) - 1)
        for node, bus in list(zip(self.nodes, buses))[1:]:
            self.nodes[0].call("CLUSTER", "MEET", "127.0.0.1", node.port, bus)
        self.until(lambda node: "cluster_known_nodes:6" in node.call("CLUSTER", "INFO"))
        for number in range(3):
            master = self.nodes[number].call("CLUSTER", "MYID")
            while self.nodes[number + 3].call("CLUSTER", "REPLICATE", master) != "OK":
                time.sleep(0.1)
        self.until(
            lambda node: "cluster_state:ok" in node.call("CLUSTER", "INFO")
            and node.call("CLUSTER", "NODES").count("slave ") == 3)
        for replica in self.nodes[3:]:
            while "master_link_status:up" not in replica.call("INFO", "replication"):
                time.sleep(0.1)
        self.place = int(self.nodes[0].call("CLUSTER", "KEYSLOT", "{millrace:default}")) // share
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def until(self, is_so):
        for node in self.nodes:
            while not is_so(node):
                time.sleep(0.1)

    @property
    def victim(self):
        return self.nodes[self.place]

    @property
    def heirs(self):
        return [self.nodes[self.place + 3]]

    def stop(self):
        for node in self.nodes:
            node.stop()


def call(port, *words):
    return subprocess.run(["redis-cli", "-p", str(port), *words], capture_output=True, text=True).stdout.strip()


def milliseconds():
    return time.time_ns() // 1_000_000


def fail_over(servers):
    """Kills the master; when it was killed, and when another said that it was the master."""
    killed = milliseconds()
    servers.victim.process.kill()
    while not any(heir.call("ROLE").startswith("master") for heir in servers.heirs):
        time.sleep(0.01)
    return killed, milliseconds()


def flowing_again(postgres, database, promoted, rate):
    """Seconds from the promotion to the first job that was begun, and to the rate that comes in."""
    rows = postgres.sql(
        f"SELECT min(started_at) FROM millrace.jobs WHERE started_at >= {promoted}", database)
    if not rows[0][0]:
        return None, None
    first = int(rows[0][0])
    rows = postgres.sql(
        f"SELECT finished_at / 100, count(*) FROM millrace.jobs WHERE finished_at >= {promoted} GROUP BY 1", database)
    tenths = {int(tenth): int(count) for tenth, count in rows}
    for tenth in sorted(tenths):
        if sum(tenths.get(tenth + next, 0) for next in range(10)) >= rate:
            return (first - promoted) / 1000, max(0, (tenth * 100 - promoted) / 1000)
    return (first - promoted) / 1000, None


def measure(options, kind, postgres, number):
    database = f"{kind.__name__.lower()}_{number}"
    postgres.create(database)
    with tempfile.TemporaryDirectory() as name:
        servers = kind(pathlib.Path(name))
        try:
            jobs = options.rate * options.seconds
            bench = subprocess.Popen(
                ["stdbuf", "-oL", str(options.program.absolute()), "--way", "steady", "--jobs", str(jobs), "--rate", str(options.rate),
                 "--batch", "50", "--postgres", postgres.url(database), "--queue", servers.url],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            said = []
            while not any(line.startswith("at work") for line in said):
                said.append(bench.stdout.readline())
            reader = threading.Thread(target=lambda: said.extend(bench.stdout))
            reader.start()
            time.sleep(options.seconds / 2)
            killed, promoted = fail_over(servers)
            if bench.wait() != 0:
                sys.exit("The measurement failed.")
            reader.join()
            return report(options, kind, postgres, database, "".join(said), killed, promoted)
        finally:
            servers.stop()
            postgres.drop(database)


def report(options, kind, postgres, database, said, killed, promoted):
    settled = int(said.split("settled: ")[1].split()[0])
    counts = f"SELECT count(*) FILTER (WHERE state = {SUCCEEDED}), count(DISTINCT number), sum(attempts) FROM millrace.jobs"
    succeeded, ended, attempts = map(int, postgres.sql(counts, database)[0])
    again = int(postgres.sql("SELECT count(*) FROM millrace.attempts WHERE outcome = 'succeeded'", database)[0][0])
    events = int(postgres.sql("SELECT count(*) FROM millrace.events", database)[0][0])
    epoch = postgres.sql("SELECT value FROM millrace.meta WHERE key = 'epoch'", database)
    first, full = flowing_again(postgres, database, promoted, options.rate)
    before = int(postgres.sql(
        f"SELECT count(*) FROM millrace.jobs WHERE finished_at BETWEEN {killed - 3000} AND {killed}", database)[0][0])
    late = said.split("recorded: ")[1].splitlines()[0]
    found = {
        "way": kind.name, "jobs/s before": round(before / 3), "events": events, "lost": events - succeeded,
        "ended twice": settled - ended + again, "promoted after s": (promoted - killed) / 1000,
        "first job begun after s": first, "whole rate after s": full, "epoch": epoch[0][0] if epoch else "?",
    }
    print(f"{found} (attempts {attempts}; recorded {late})", flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, required=True, help="the built millrace-bench")
    parser.add_argument("--rate", type=int, default=5000, help="events a second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for name in ("redis-server", "redis-cli"):
        if not shutil.which(name):
            sys.exit(f"{name} is missing: scripts/packages.sh installs it.")
    with tempfile.TemporaryDirectory() as name:
        postgres = Postgres(pathlib.Path(name))
        found = []
        try:
            print(f"{postgres.describe()}\n{options.rate:,} events/s for {options.seconds} s, 512 bytes of payload")
            for number in range(1, options.rounds + 1):
                found += [measure(options, kind, postgres, number) for kind in (Sentinels, Cluster)]
        finally:
            postgres.stop()
    names = ["way", "jobs/s before", "lost", "ended twice", "promoted after s", "first job begun after s", "whole rate after s"]
    print("\n| " + " | ".join(names) + " |\n|" + " --- |" * len(names))
    for line in sorted(found, key=lambda line: line["way"]):
        print("| " + " | ".join(str(line[name]) for name in names) + " |")


if __name__ == "__main__":
    sys.exit(main())
