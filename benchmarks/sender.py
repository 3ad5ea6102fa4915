"""What sends events: the C program of `clients/send_events.c`, compiled when it is first needed."""

import json
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent / "clients" / "send_events.c"


class Sender:
    """The compiled program, in a folder that goes with this object."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.program = pathlib.Path(self.folder.name) / "send_events"
        subprocess.run(["gcc", "-O2", "-o", str(self.program), str(SOURCE)], check=True)

    def send(self, port, requests, kind, array=1, payload=512, connections=4, rate=0):
        """Sends so many requests of `array` events, `rate` a second or as fast as they are answered; what it found."""
        words = [port, connections, requests, array, payload, kind, rate]
        result = subprocess.run([str(self.program), *map(str, words)], stdout=subprocess.PIPE, text=True)
        if result.returncode != 0:
            sys.exit("The events could not be sent; the reason stands above.")
        return json.loads(result.stdout)
