"""Instances behind HAProxy, with the configuration that compose.yaml gives it."""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess
import threading

import pytest
import yaml

from kit.expect import event_text
from kit.feed import Feed
from kit.redis import free_port
from kit.server import Server
from kit.shared import BODY, eventually, place_many
from kit.stream import EventStream

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "deploy" / "haproxy.cfg"
needs_haproxy = pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is not installed")


class Balancer(Server):
    """HAProxy in front of instances; asked like any server."""

    def __init__(self, folder, instances):
        self.host, self.port = "127.0.0.1", free_port()
        self._connections = []
        servers = "".join(
            f"    server tradeloop{number} 127.0.0.1:{instance.port}\n"
            for number, instance in enumerate(instances, 1)
        )
        text = CONFIGURATION.read_text(encoding="utf-8").replace("bind :8000", f"bind 127.0.0.1:{self.port}")
        text, count = re.subn(r"^ *server-template .*\n", servers, text, flags=re.M)
        assert count == 1, text
        path = folder / "haproxy.cfg"
        path.write_text(text, encoding="utf-8")
        # In the foreground, and not as a master with workers.
        self.process = subprocess.Popen(["haproxy", "-db", "-f", path], stderr=subprocess.DEVNULL)
        eventually(self.is_there, "the balancer")

    def is_there(self):
        try:
            return self.ask("GET", "/health").status == 200
        except OSError:
            return False

    def stop(self):
        self.close_connections()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def behind(share, tmp_path):
    """Two instances, and the balancer in front of them."""
    instances = [share(), share()]
    balancer = Balancer(tmp_path, instances)
    yield instances, balancer
    balancer.stop()


@needs_haproxy
def test_haproxy_takes_the_configuration():
    done = subprocess.run(["haproxy", "-c", "-f", CONFIGURATION], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr, done.stderr


def test_compose_names_what_is_there():
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    services = composed["services"]
    assert set(services) == {"redis", "tradeloop", "balancer"}
    assert services["tradeloop"]["environment"]["REDIS_URL"] == "redis://redis:6379"
    assert "noeviction" in services["redis"]["command"]
    for volume in services["balancer"]["volumes"]:
        assert (ROOT / volume.split(":")[0]).exists(), volume
    assert "server-template tradeloop 16 tradeloop:8000" in CONFIGURATION.read_text(encoding="utf-8")


@needs_haproxy
def test_everything_passes_through(behind):
    instances, balancer = behind
    assert balancer.ask("GET", "/").media_type == "text/html"
    page = [("Origin", balancer.origin)]
    assert balancer.ask("POST", "/orders", page, BODY).status == 201
    assert balancer.ask("POST", "/orders", [("Origin", "https://stranger.example")], BODY).status == 403
    with Feed(balancer) as feed, EventStream(balancer, "/events?since=0") as stream:
        place_many(balancer, 20)
        assert feed.wait_for(20)[0] == event_text(5, "PENDING")
        stream.wait_for(21)
    for instance in instances:
        assert len(instance.orders()) == 24
    # Each had some of it.
    requests = [instance.ask("GET", "/metrics").body.decode() for instance in instances]
    assert all(re.search(r'requests_total\{.*route="/(orders|ws|events)', text) for text in requests)


@needs_haproxy
@pytest.mark.parametrize("is_told", [False, True])
def test_an_instance_goes_and_nobody_notices(behind, is_told):
    """Killed, or told to stop: placing goes on, and who followed goes on at the other."""
    instances, balancer = behind
    placed, faults = [], []
    is_over = threading.Event()

    def trade():
        while not is_over.is_set():
            try:
                response = balancer.ask(
                    "POST", "/orders", [("Idempotency-Key", f"order-{len(placed)}")], BODY
                )
            except AssertionError as failure:
                response = failure
            if getattr(response, "status", None) == 201:
                placed.append(response.json()["orderId"])
            elif is_told:
                faults.append(response)

    trader = threading.Thread(target=trade)
    trader.start()
    try:
        eventually(lambda: len(placed) >= 20, "placing")
        if is_told:
            instances[0].stop()
        else:
            instances[0].process.kill()
            instances[0].wait()
        before = len(placed)
        eventually(lambda: len(placed) >= before + 50, "placing after that")
        with Feed(balancer, "/ws?since=10") as feed:
            feed.wait_for(before)
            assert [number for number, _, _ in feed.numbered()][:before] == list(range(11, 11 + before))
    finally:
        is_over.set()
        trader.join()
    assert not faults, faults[:3]
    assert placed == list(range(4, 4 + len(placed)))
