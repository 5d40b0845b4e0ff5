"""What a server's process costs, as the kernel counts it (Linux's /proc)."""

from __future__ import annotations

import os
import pathlib
import time

MIB = 1_048_576
# An instrumented server keeps freed memory back and shadows the rest, so its size says nothing of the program's.
IS_INSTRUMENTED = os.environ.get("TRADELOOP_IS_INSTRUMENTED") == "1"
IS_KNOWN = pathlib.Path("/proc/self/status").exists()


class Vitals:
    """Memory, processor time and descriptors of a running server."""

    def __init__(self, server):
        """To be made before anybody has connected to the server."""
        self._folder = pathlib.Path(f"/proc/{server.process.pid}")
        self.idle_descriptors = self.descriptor_count
        self.rest()

    def rest(self):
        """What the server holds now is what it holds when idle."""
        self.idle_bytes = self.resident_bytes

    def _status_bytes(self, name):
        if not IS_KNOWN:
            return 0
        for line in (self._folder / "status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"{name} is not in {self._folder}/status")

    @property
    def resident_bytes(self):
        """What the process holds in memory now."""
        return self._status_bytes("VmRSS")

    @property
    def peak_bytes(self):
        """The most that the process has ever held in memory."""
        return self._status_bytes("VmHWM")

    @property
    def grown_bytes(self):
        """The most that it has ever held beyond what it holds when idle."""
        return self.peak_bytes - self.idle_bytes

    def assert_grown_at_most(self, limit_bytes):
        if IS_INSTRUMENTED:
            return
        assert self.grown_bytes <= limit_bytes, (
            f"{self.grown_bytes / MIB:.1f} MiB above the {self.idle_bytes / MIB:.1f} MiB of the idle server,"
            f" at most {limit_bytes / MIB:.0f} MiB were to be"
        )

    @property
    def processor_seconds(self):
        """Processor time used so far, by the process and by the kernel for it."""
        if not IS_KNOWN:
            return 0.0
        fields = (self._folder / "stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def processor_share(self, seconds):
        """How much of the next `seconds` the process computes, from 0 to 1."""
        before, begun = self.processor_seconds, time.monotonic()
        time.sleep(seconds)
        return (self.processor_seconds - before) / (time.monotonic() - begun)

    def settle(self, within=20):
        """Waits until the process has nothing to do; one that spins never gets there."""
        deadline = time.monotonic() + within
        while self.processor_share(0.1) > 0.05:
            assert time.monotonic() < deadline, f"still busy after {within} s"

    @property
    def descriptor_count(self):
        """How many files and sockets are open."""
        return len(os.listdir(self._folder / "fd")) if IS_KNOWN else 0

    @property
    def connection_count(self):
        """How many connections the server has not closed yet."""
        return self.descriptor_count - self.idle_descriptors
