"""The server's process, and the steady load of tradeloop-load beside it."""

import asyncio
import json
import os
import re
import signal
import statistics

from harness import machine

LISTENS = re.compile(r"http://([\d.]+):(\d+)")
# Segments of a minute: short, so that little is lost when the load has to pause.
SEGMENT_SECONDS = 15
STOP_SECONDS_MAX = 5 + 5


class Server:
    """A server of its own for the run."""

    def __init__(self, process, host, port):
        self.process = process
        self.host, self.port = host, port
        self.authority = f"{host}:{port}"
        self.url = f"http://{self.authority}"
        self.log = []

    @classmethod
    async def start(cls, binary, *flags):
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            binary, "--port", "0", "--host", "127.0.0.1", *flags, stdout=pipe, stderr=pipe, start_new_session=True
        )
        line = (await process.stdout.readline()).decode()
        found = LISTENS.search(line)
        if not found:
            raise RuntimeError(f"{binary} did not say where it listens: {line!r}")
        server = cls(process, found[1], int(found[2]))
        server.logging = asyncio.ensure_future(server._keep_log())
        return server

    async def _keep_log(self):
        async for line in self.process.stderr:
            self.log = [*self.log[-99:], line.decode(errors="replace").rstrip()]

    @property
    def resident_bytes(self):
        return machine.resident_bytes(self.process.pid)

    @property
    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    @property
    def cpu_seconds(self):
        return machine.cpu_nanoseconds(self.process.pid) / 1e9

    async def stop(self):
        """The exit status after a SIGTERM, or None where it does not end in time."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return await asyncio.wait_for(self.process.wait(), STOP_SECONDS_MAX)
        except asyncio.TimeoutError:
            self.process.kill()
            await self.process.wait()
            return None


class SteadyLoad:
    """tradeloop-load against a server: what is measured is what it prints."""

    def __init__(self, binary, server):
        self.binary = str(binary)
        self.server = server
        self.processes = set()

    async def run(self, seconds, **options):
        """The figures of one run; None where it was cut short by `stop`."""
        command = [self.binary, "requests", "--url", self.server.url, "--quiet", "--seconds", str(seconds)]
        command += ["--json", "-"]
        for name, value in options.items():
            command += [f"--{name}"] if value is True else [f"--{name}", str(value)]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe, start_new_session=True)
        self.processes.add(process)
        try:
            out, err = await asyncio.wait_for(process.communicate(), seconds * 2 + 60)
        except asyncio.TimeoutError:
            process.kill()
            raise RuntimeError("tradeloop-load did not end") from None
        finally:
            self.processes.discard(process)
        if process.returncode in (-signal.SIGTERM, -signal.SIGKILL):
            return None
        if process.returncode != 0:
            raise RuntimeError(err.decode(errors="replace").strip() or f"status {process.returncode}")
        return json.loads(out)

    def stop(self):
        for process in self.processes:
            if process.returncode is None:
                process.terminate()


def latencies(segments):
    """p50, p99 and p99.9 in milliseconds: the middle one of the segments, and the worst of them."""
    if not segments:
        return None
    column = lambda name: [segment.get(f"latency{name}Microseconds", 0) / 1e3 for segment in segments]  # noqa: E731
    return statistics.median(column("P50")), max(column("P99")), max(column("P99.9"))
