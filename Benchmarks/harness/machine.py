"""What the kernel counts, and which machine this is."""

import ctypes
import os
import platform
import signal
import socket

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PR_SET_PDEATHSIG = 1  # prctl(2)
LIBC = ctypes.CDLL(None, use_errno=True)


def cpu_nanoseconds(pid):
    """CPU time of all threads of a process, user and system.

    schedstat counts nanoseconds, stat only hundredths of a second; but it has one file for each thread.
    """
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                total += int(file.read().split()[0])
        except OSError:
            pass  # the thread has ended since
    return total


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * PAGE_BYTES


def core_busy_seconds(core):
    """Seconds for which a core has not been idle, what the hypervisor took from it included."""
    with open("/proc/stat") as file:
        for line in file:
            if line.startswith(f"cpu{core} "):
                user, nice, system, _, _, irq, softirq, steal = map(int, line.split()[1:9])
                return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND
    return 0.0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pinned(core):
    """What a child does before it becomes its program: it keeps to one core and ends with its parent."""
    parent = os.getpid()

    def prepare():
        os.sched_setaffinity(0, {core})
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def facts():
    """The machine, as the report names it."""
    model, cores = "unknown", os.cpu_count()
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    memory = os.sysconf("SC_PHYS_PAGES") * PAGE_BYTES
    return {
        "cpuModel": model,
        "cores": cores,
        "memoryBytes": memory,
        "kernel": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "loadAverageAtStart": round(os.getloadavg()[0], 2),
    }
