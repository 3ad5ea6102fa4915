"""A throw-away PostgreSQL and Redis for measurements, on free loopback ports, gone with the folder they live in."""

import glob
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time

# Everything that is not named here, such as fsync and synchronous_commit, is as it comes: on.
TUNING = {
    "shared_buffers": "512MB", "max_wal_size": "4GB", "min_wal_size": "2GB", "checkpoint_timeout": "15min",
    "max_connections": "200",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Postgres:
    """One PostgreSQL cluster; it refuses root, which therefore becomes `postgres`."""

    def __init__(self, folder, tuning=None):
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
        if not programs:
            sys.exit("PostgreSQL is missing: scripts/packages.sh installs it.")
        self.programs, self.tuning = programs[-1], {**TUNING, **(tuning or {})}
        home = folder / "postgres"
        home.mkdir()
        folder.chmod(0o755)
        self.user = None
        if os.getuid() == 0:
            self.user = "postgres"
            account = pwd.getpwnam(self.user)
            os.chown(home, account.pw_uid, account.pw_gid)
        self.data, self.port = home / "data", free_port()
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": home, **self.tuning}
        words = " ".join(f"-c {name}={value}" for name, value in options.items())
        self._run("pg_ctl", "-D", self.data, "-w", "-s", "-l", home / "log", "-o", words, "start")
        # A server that has run for a while has files for its log to use again; making them takes time of its own.
        for _ in range(48):
            self.sql("BEGIN; CREATE TABLE filler (number int); DROP TABLE filler; COMMIT; SELECT pg_switch_wal();")
        self.sql("CHECKPOINT")

    def _run(self, program, *words):
        path = os.path.join(self.programs, program)
        result = subprocess.run(
            [path, *map(str, words)], user=self.user, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        if result.returncode != 0:
            sys.exit(f"{program} failed: {result.stderr.strip()}")

    def url(self, database="postgres"):
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def sql(self, text, database="postgres"):
        """What a statement, or several, gives: a list of rows, each a list of texts."""
        command = ["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", self.url(database)]
        result = subprocess.run(command, input=text, capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(result.stderr.strip())
        return [line.split("\t") for line in result.stdout.splitlines()]

    def create(self, database, template="template0"):
        self.sql(f"CREATE DATABASE {database} TEMPLATE {template}")

    def drop(self, database):
        self.sql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def counters(self, database):
        """How many transactions were committed in a database, and how many bytes all of them wrote ahead."""
        # A server process tells of what it did at most once a second, and when it ends.
        time.sleep(1.5)
        query = f"SELECT xact_commit, pg_current_wal_lsn() - '0/0' FROM pg_stat_database WHERE datname = '{database}'"
        commits, size = self.sql(query)[0]
        return int(commits), int(size)

    def describe(self):
        version = self.sql("SHOW server_version")[0][0].split()[0]
        kept = ", ".join(f"{name}={self.sql(f'SHOW {name}')[0][0]}" for name in ("fsync", "synchronous_commit"))
        return f"PostgreSQL {version}: {kept}, " + ", ".join(f"{name}={value}" for name, value in self.tuning.items())

    def stop(self):
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-s", "stop")
        shutil.rmtree(self.data)


class Redis:
    """One Redis server."""

    def __init__(self, folder, name="redis", settings=("--appendonly", "no")):
        if not shutil.which("redis-server"):
            sys.exit("Redis is missing: scripts/packages.sh installs it.")
        home = folder / name
        home.mkdir()
        self.port, self.settings = free_port(), settings
        with open(home / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(home), "--save", ""]
                + list(settings), stdout=log, stderr=log)
        while self.call("PING") != "PONG":
            if self.process.poll() is not None:
                sys.exit(f"Redis did not start: {(home / 'log').read_text()}")
            time.sleep(0.02)

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def call(self, *words):
        command = ["redis-cli", "-p", str(self.port), *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()

    def info(self, field):
        """A number out of `INFO`."""
        return int(re.search(rf"^{field}:(\d+)", self.call("INFO"), re.MULTILINE).group(1))

    def describe(self):
        version = re.search(r"^redis_version:(\S+)", self.call("INFO", "server"), re.MULTILINE).group(1)
        pairs = zip(self.settings[::2], self.settings[1::2])
        return f"Redis {version}: no snapshots, " + ", ".join(f"{name[2:]} {value}" for name, value in pairs)

    def stop(self):
        self.process.terminate()
        self.process.wait()
