"""Where a scheduler listens whose clients come by port-forward; tests/runtime/test_guest.py has it run."""

from types import SimpleNamespace
from typing import Any

import pytest
from daskflow.runtime.scheduler.listeners import _Door, addresses
from tornado.web import Application, RequestHandler


@pytest.mark.parametrize(
    ("given", "ip", "made"),
    [
        ("tcp://0.0.0.0:8786", "10.1.2.3", ["tls://10.1.2.3:8786", "tcp://127.0.0.1:8786"]),
        ("tls://:9000", "10.1.2.3", ["tls://10.1.2.3:9000", "tcp://127.0.0.1:9000"]),
        ("tcp://[::]:8786", "fd00::1", ["tls://[fd00::1]:8786", "tcp://[::1]:8786"]),
    ],
)
def test_the_port_is_that_of_the_command(given: str, ip: str, made: list[str]) -> None:
    assert addresses([given], ip) == made


class _Page(RequestHandler):
    pass


def asked(path: str, remote: str) -> Any:
    return SimpleNamespace(path=path, remote_ip=remote, host_name="x", host="x", connection=None)


@pytest.mark.parametrize(
    ("remote", "path", "refused"),
    [
        ("10.1.2.3", "/status", True),
        ("10.1.2.3", "/health", False),
        ("10.1.2.3", "/probed", False),
        ("127.0.0.1", "/status", False),
        ("::1", "/status", False),
    ],
)
def test_only_probes_are_answered_from_elsewhere(remote: str, path: str, refused: bool) -> None:
    door = _Door(Application([(".*", _Page)]), ["/probed"])
    request = asked(path, remote)
    delegate: Any = door.find_handler(request)
    assert delegate.handler_class.__name__ == ("ErrorHandler" if refused else "_Page")


def test_a_probe_of_the_first_page_is_led_on() -> None:
    door = _Door(Application([(".*", _Page)]), ["/"])
    request = asked("/status", "10.1.2.3")
    delegate: Any = door.find_handler(request)
    assert delegate.handler_class is _Page
