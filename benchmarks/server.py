"""Servers of their own for a measurement: all in one over a folder, or in parts on PostgreSQL and Redis."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import urllib.request

HOME = pathlib.Path(__file__).resolve().parent.parent


class Server:
    """`millrace serve`, or `millrace dispatcher`, from its first line to its end."""

    def __init__(self, programs, data, pipelines=HOME / "pipelines", variables=None, command="serve"):
        data.mkdir(parents=True, exist_ok=True)
        self.log = open(data / "serve.log", "ab")
        self.process = subprocess.Popen(
            [str(programs / "millrace"), command, "--data", str(data), "--pipelines", str(pipelines)]
            + ["--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=self.log, text=True, env={**os.environ, **(variables or {})})
        line = self.process.stdout.readline()
        if "listening on " not in line:
            sys.exit(f"The server did not start: {(data / 'serve.log').read_text()}")
        self.url = line.split("listening on ")[1].split()[0]

    @property
    def port(self):
        return int(self.url.rsplit(":", 1)[1])

    def call(self, path, body=None):
        return json.loads(self.text(path, None if body is None else json.dumps(body).encode()))

    def text(self, path, data=None):
        request = urllib.request.Request(self.url + path, data=data, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.read().decode()

    def metric(self, name, *labels):
        """The sum of a metric's values whose labels hold every given text."""
        lines = self.text("/metrics").splitlines()
        chosen = [line for line in lines if line.startswith(name) and all(label in line for label in labels)]
        return sum(float(line.rsplit(" ", 1)[1]) for line in chosen)

    def memory(self):
        """Resident memory now and at most, in mebibytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=120)
        self.log.close()


class Production:
    """Dispatchers and workers in processes of their own, on one PostgreSQL database and one Redis."""

    def __init__(self, programs, data, pipelines, postgres, redis, dispatchers=1, workers=1):
        self.postgres, self.database = postgres, "production"
        postgres.create(self.database)
        variables = {"MILLRACE_DATABASE_URL": postgres.url(self.database), "MILLRACE_QUEUE_URL": redis.url}
        program, environment = str(programs / "millrace"), {**os.environ, **variables}
        subprocess.run([program, "migrate"], check=True, env=environment, stdout=subprocess.DEVNULL)
        self.dispatchers = [
            Server(programs, data, pipelines, variables, command="dispatcher") for _ in range(dispatchers)]
        self.workers = []
        for _ in range(workers):
            with open(data / "worker.log", "ab") as log:
                self.workers.append(subprocess.Popen(
                    [program, "worker", "--data", str(data)], env=environment, stdout=log, stderr=log))

    def stop(self):
        for process in self.workers:
            process.send_signal(signal.SIGTERM)
        for process in self.workers:
            process.wait(timeout=120)
        for dispatcher in self.dispatchers:
            dispatcher.stop()
        self.postgres.drop(self.database)
