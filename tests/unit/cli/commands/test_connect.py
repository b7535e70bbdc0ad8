"""`daskflow connect` and `dashboard`, as programs on a terminal; only Kubernetes is not real."""

import fcntl
import os
import pty
import re
import select
import signal
import stat
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from daskflow import Cluster
from daskflow.cli.commands.connect import snippet
from daskflow.client.connection import Connection

from tests.unit.client.cluster.operator_in_memory import Operator, operating

SECONDS = 20
_CONTROL = r"\x1b\[[0-9;?]*[A-Za-z]"


class Terminal:
    """A program on a terminal, and the screen as text."""

    def __init__(self, connection: Connection, *words: str, **environment: str) -> None:
        self._us, its = pty.openpty()
        command = [sys.executable, "-m", "daskflow.cli", *words, "--kubeconfig", str(connection._kubeconfig)]
        # The line editor of Python's prompt would draw each line anew.
        basic = {"PYTHON_BASIC_REPL": "1", "TERM": "dumb", "BROWSER": "true"}
        self.process = subprocess.Popen(
            command,
            stdin=its,
            stdout=its,
            stderr=its,
            start_new_session=True,
            # So that Ctrl-C comes as a signal.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**os.environ, **basic, **environment},
        )
        os.close(its)
        self.screen = ""

    def shows(self, pattern: str, seconds: float = SECONDS) -> str:
        """The first group of the pattern, once it is on the screen; colours apart."""
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, re.sub(_CONTROL, "", self.screen), re.M)):
            assert time.monotonic() < end, self.screen
            if select.select([self._us], [], [], 0.1)[0]:
                try:
                    self.screen += os.read(self._us, 65536).decode().replace("\r", "")
                except OSError as error:  # the program has gone
                    raise AssertionError(self.screen) from error
        return found[1] if found.groups() else found[0]

    def types(self, text: str) -> None:
        os.write(self._us, text.encode())

    def interrupts(self) -> None:
        """Ctrl-C until the shell says so: one between a prompt and its waiting is heard with the next."""
        end = time.monotonic() + SECONDS
        while not re.search("^KeyboardInterrupt", re.sub(_CONTROL, "", self.screen), re.M):
            assert time.monotonic() < end, self.screen
            self.types("\x03")
            with suppress(AssertionError):
                self.shows("^KeyboardInterrupt", 2)

    def ends(self) -> int:
        return self.process.wait(SECONDS)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._us)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Operator, Connection]]:
    """Has the clusters `shared` and, of the run `etl`, `etl-1`."""
    with operating(tmp_path_factory.mktemp("place")) as (operator, connection):
        for name in ("shared", "etl-1"):
            Cluster("image", workers=1, name=name, connection=connection, shutdown_on_close=False).close()
        spec = {"image": "i", "flow": {"entrypoint": "a:b"}}
        status = {"phase": "Running", "cluster": {"name": "etl-1"}}
        operator.run(operator.puts("flowruns", "etl", spec=spec, status=status))
        yield operator, connection


@pytest.fixture
def connection(place: tuple[Operator, Connection]) -> Connection:
    return place[1]


@contextmanager
def terminal(connection: Connection, *words: str, **environment: str) -> Iterator[Terminal]:
    opened = Terminal(connection, *words, **environment)
    try:
        yield opened
    finally:
        opened.close()


@pytest.mark.parametrize("name", ["shared", "etl"])
def test_what_is_printed_connects_as_long_as_the_way_is_open(connection: Connection, name: str) -> None:
    with terminal(connection, "connect", name) as opened:
        opened.shows("the way is open until Ctrl-C")
        code = "\n".join(line for line in opened.screen.splitlines() if not line.startswith("daskflow: "))
        folder = Path(opened.shows('tls_ca_file="(.*)/ca.crt"'))
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
        program = f"{code}\nprint(client.submit(sum, range(10)).result(timeout=20))"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
        assert done.stdout == "45\n", done.stderr
        opened.types("\x03")
        assert opened.ends() == 0
        assert not folder.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_no_certificates_stay_behind(connection: Connection, number: int) -> None:
    with terminal(connection, "connect", "shared") as opened:
        opened.shows("the way is open")
        folder = Path(opened.shows('tls_ca_file="(.*)/ca.crt"'))
        opened.process.send_signal(number)
        assert opened.ends() == 0
        assert not folder.exists()


def test_a_python_has_the_client_and_ctrl_c_is_its_own(connection: Connection) -> None:
    with terminal(connection, "connect", "shared", "--python") as opened:
        opened.shows(r"<Client: 'tls://.*' processes=1 threads=1")
        opened.shows(">>> $")
        opened.types("client.submit(sum, range(10)).result()\n")
        opened.shows(r"^45\n>>> $")
        opened.interrupts()
        opened.types("client.submit(sum, range(11)).result()\n")
        opened.shows(r"^55$")
        opened.types("exit()\n")
        assert opened.ends() == 0


def test_an_ipython_has_the_client_and_ctrl_c_is_its_own(connection: Connection, tmp_path: Path) -> None:
    with terminal(connection, "connect", "shared", "--ipython", IPYTHONDIR=str(tmp_path)) as opened:
        opened.shows(r"<Client: 'tls://.*' processes=1 threads=1")
        opened.shows(r"^In \[1\]: ")
        opened.types("print('waiting'); import time; time.sleep(60)\r")
        opened.shows("^waiting$")
        opened.interrupts()
        opened.shows(r"^In \[2\]: ")
        opened.types("client.submit(sum, range(11)).result()\r")
        opened.shows(r"^Out\[2\]: 55$")
        opened.types("exit()\r")
        assert opened.ends() == 0


def test_the_end_of_the_cluster_ends_it(place: tuple[Operator, Connection]) -> None:
    operator, connection = place
    Cluster("image", workers=0, name="brief", connection=connection, shutdown_on_close=False).close()
    with terminal(connection, "connect", "brief") as opened:
        opened.shows("the way is open")
        operator.run(operator.deletes("brief"))
        opened.shows("the cluster brief was deleted")
        assert opened.ends() == 0


@pytest.mark.parametrize("command", ["connect", "dashboard"])
def test_a_name_that_leads_nowhere(connection: Connection, command: str) -> None:
    with terminal(connection, command, "nobody") as opened:
        opened.shows("daskflow: there is neither a run nor a cluster nobody in namespace team")
        assert opened.ends() == 2


@contextmanager
def page(operator: Operator, pod: str, path: str = "/status") -> Iterator[None]:
    """Dask's dashboard, as far as it says which pod it is of."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=f"bokeh in {pod}")

    async def serve() -> web.AppRunner:
        app = web.Application()
        app.router.add_get(path, answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    before = operator.ports[pod, 8787]
    runner: Any = operator.run(serve())
    operator.ports[pod, 8787] = runner.addresses[0][1]
    try:
        yield
    finally:
        operator.ports[pod, 8787] = before
        operator.run(runner.cleanup())


@pytest.mark.parametrize(("name", "pod"), [("shared", "shared-scheduler"), ("etl", "etl-1-scheduler")])
def test_the_dashboard_is_brought_here(place: tuple[Operator, Connection], name: str, pod: str) -> None:
    operator, connection = place
    with page(operator, pod), terminal(connection, "dashboard", name) as opened:
        url = opened.shows(r"^http://localhost:\d+/status$")
        assert httpx.get(url).text == f"bokeh in {pod}"
        operator.loop.call_soon_threadsafe(operator.cut)
        assert httpx.get(url).text == f"bokeh in {pod}"
        opened.types("\x03")
        assert opened.ends() == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)


def test_the_dashboard_is_served_to_a_browser_that_stays_open(
    place: tuple[Operator, Connection], tmp_path: Path
) -> None:
    operator, connection = place
    seen = tmp_path / "seen"
    fetch = "import sys, httpx; print(httpx.get(sys.argv[1], timeout=20).text)"
    browser = tmp_path / "browser"
    browser.write_text(
        f"#!/bin/sh\n{sys.executable} -c '{fetch}' \"$1\" > {seen}\necho SEEN\nexec sleep 60\n"
    )
    browser.chmod(0o700)
    with (
        page(operator, "shared-scheduler"),
        terminal(connection, "dashboard", "shared", BROWSER=str(browser), DISPLAY=":0") as opened,
    ):
        opened.shows("^SEEN$")
        assert seen.read_text() == "bokeh in shared-scheduler\n"
        opened.types("\x03")
        assert opened.ends() == 0


def test_a_runs_next_attempt_is_shown_next(place: tuple[Operator, Connection]) -> None:
    operator, connection = place
    with (
        page(operator, "shared-scheduler"),
        page(operator, "etl-1-scheduler"),
        terminal(connection, "dashboard", "etl", "--no-browser") as opened,
    ):
        url = opened.shows(r"^http://localhost:\d+/status$")
        assert httpx.get(url).text == "bokeh in etl-1-scheduler"
        operator.run(operator.puts("flowruns", "etl", status={"cluster": {"name": "shared"}}))
        operator.objects.pop("pods/etl-1-scheduler")
        try:
            assert httpx.get(url, timeout=20).text == "bokeh in shared-scheduler"
        finally:
            operator.pod("etl-1-scheduler")
            operator.run(operator.puts("flowruns", "etl", status={"cluster": {"name": "etl-1"}}))
        operator.run(operator.puts("flowruns", "etl", status={"phase": "Succeeded"}))
        try:
            opened.shows("the run etl has ended, and its cluster with it; the page goes with it")
            assert opened.ends() == 0
        finally:
            operator.run(operator.puts("flowruns", "etl", status={"phase": "Running"}))


def test_a_cluster_without_a_dashboard_says_so(place: tuple[Operator, Connection]) -> None:
    operator, connection = place
    with page(operator, "shared-scheduler", "/health"), terminal(connection, "dashboard", "shared") as opened:
        opened.shows("shared has no dashboard: it takes dashboard: true in its spec")
        assert opened.ends() == 2


def test_without_encryption_there_are_no_files() -> None:
    assert snippet("tcp://127.0.0.1:1", None).endswith('client = Client("tcp://127.0.0.1:1")')
