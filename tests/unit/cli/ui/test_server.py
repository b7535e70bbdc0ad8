"""The port on the loopback."""

import socket

import pytest
from daskflow.cli.ui.server import _host, listening
from daskflow.client.errors import WrongUse


def test_nobody_elsewhere_reaches_it() -> None:
    with listening(0) as listener:
        address, port = listener.getsockname()
        assert address == "127.0.0.1"
        with pytest.raises(WrongUse, match=f"--port {port} cannot be had"), listening(port):
            pass
        socket.create_connection((address, port), timeout=5).close()


def test_the_host_is_as_browsers_send_it() -> None:
    assert [_host(port) for port in (80, 8080)] == ["127.0.0.1", "127.0.0.1:8080"]
