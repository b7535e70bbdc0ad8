"""`daskflow ui` on the real cluster, in a real browser: a run's log, its dashboard, its end by a click."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cluster.shell import Trouble
from tests.kube import Kube, namespace
from tests.ui.browser import browser

IMAGE = "docker.io/local/daskflow-flows:dev"
SECONDS = 60
FLOW = """
import time
from distributed import Client
with Client() as client:
    print("begun <img src=x onerror=document.title='pwned'>", flush=True)
    client.submit(sum, [1, 2]).result()
    for number in range(600):
        print(f"line {number}", flush=True)
        time.sleep(0.2)
"""


@pytest.fixture(scope="module")
def kube(installed: None) -> Iterator[Kube]:
    with namespace() as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    try:
        with browser() as made:
            yield made
    except Trouble as trouble:
        pytest.fail(str(trouble))


def daskflow(*words: str, kube: Kube) -> list[str]:
    return [sys.executable, "-m", "daskflow.cli", *words, "--namespace", kube.namespace]


@pytest.fixture(scope="module")
def address(kube: Kube) -> Iterator[str]:
    """What the program prints."""
    command = daskflow("ui", "--no-browser", kube=kube)
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert program.stdout
    yield program.stdout.readline().strip()
    program.send_signal(signal.SIGINT)
    _, said = program.communicate(timeout=SECONDS)
    assert program.returncode == 130
    assert "Traceback" not in said
    assert "only this machine can open it" in said


@pytest.fixture(scope="module")
def running(kube: Kube, tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("flow") / "flow.py"
    path.write_text(FLOW)
    asked = ("--image", IMAGE, "--name", "prints", "--workers", "1", "--set", "cluster.dashboard=true")
    subprocess.run(daskflow("run", str(path), *asked, kube=kube), check=True, timeout=SECONDS)
    return "prints"


def test_a_run_is_watched_and_cancelled_and_its_dashboard_cannot_act_as_the_page(
    kube: Kube, chromium: Browser, running: str, address: str
) -> None:
    page = chromium.new_page()
    page.set_default_timeout(SECONDS * 1000)
    expect.set_options(timeout=SECONDS * 1000)
    page.goto(address)
    page.get_by_role("link", name=running).click()
    expect(page.locator("#summary .phase")).to_contain_text("Running")
    log = page.get_by_role("log")
    expect(log).to_contain_text("begun <img src=x onerror=document.title='pwned'>")
    expect(log).to_contain_text("line 12")
    expect(page.locator("#timeline img")).to_be_visible()
    assert page.locator("#timeline img").evaluate("image => image.naturalWidth") > 0
    assert "pwned" not in page.title()

    with page.expect_popup() as opened:
        page.get_by_role("link", name="Dask's dashboard").click()
    _cannot_act(opened.value, page)
    assert not (kube.get("FlowRun", running) or {})["spec"].get("cancel")

    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel the run").click()
    expect(page.locator("#summary .phase")).to_contain_text("Cancelled")
    expect(page.locator("#log-end")).to_have_text("That is all.")
    assert kube.ended(running)["phase"] == "Cancelled"


def _cannot_act(dashboard: Page, page: Page) -> None:
    """Dask's page has another origin and site, no cookie of ours, and is refused whatever it tries."""
    dashboard.wait_for_load_state()
    assert dashboard.url.startswith("http://localhost:")
    assert dashboard.evaluate("window.opener") is None
    assert dashboard.evaluate("document.cookie") == ""
    origin = "/".join(page.url.split("/")[:3])
    where = page.url.partition("?")[0]
    tried = dashboard.evaluate(
        """async ([origin, where]) => {
            const tell = (answer) => answer.type, fail = (error) => error.name;
            const all = {credentials: "include"}, post = {...all, method: "POST", mode: "no-cors"};
            return [
                await fetch(origin, all).then(tell, fail),
                await fetch(origin, {...all, mode: "no-cors"}).then(tell, fail),
                await fetch(`${where}/cancel`, post).then(tell, fail),
            ];
        }""",
        [origin, where],
    )
    assert tried == ["TypeError"] * 3, "an answer that only the browser has seen would be opaque"
    dashboard.close()


def test_what_one_may_not_see_is_named(kube: Kube, chromium: Browser) -> None:
    command = daskflow("ui", "--no-browser", "--as", "nobody", kube=kube)
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert program.stdout
        page = chromium.new_page()
        page.goto(program.stdout.readline().strip())
        said = f"nobody may not list flowruns.daskflow.dev in namespace {kube.namespace}"
        expect(page.get_by_role("alert")).to_contain_text(said, timeout=SECONDS * 1000)
    finally:
        program.send_signal(signal.SIGINT)
        program.wait(SECONDS)
