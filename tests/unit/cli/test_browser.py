"""A browser of this machine: any program that BROWSER names."""

import os
import sys
import threading
from pathlib import Path
from stat import S_IMODE
from urllib.parse import urlsplit

import pytest
from daskflow.cli.browser import has_window, leading_to, open_in_window

SECONDS = 10
WINDOWS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")


@pytest.fixture(autouse=True)
def _linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in WINDOWS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The browser is open until somebody reads from it, or for 5 s."""
    pipe, browser = tmp_path / "pipe", tmp_path / "browser"
    os.mkfifo(pipe)
    browser.write_text(f'#!/bin/sh\ntimeout 5 sh -c \'echo "$1" > {pipe}\' - "$1"\n')
    browser.chmod(0o700)
    monkeypatch.setattr("webbrowser._tryorder", [f"{browser} %s"])
    return pipe


def browsers() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "browser"]


@pytest.mark.parametrize("name", WINDOWS)
def test_it_is_not_waited_for(pipe: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, ":0")
    open_in_window("http://localhost:1/status", lambda: pytest.fail("it was opened"))
    (opening,) = browsers()  # it is open
    assert pipe.read_text() == "http://localhost:1/status\n"
    opening.join(SECONDS)
    assert not opening.is_alive()


def test_without_a_window_none_is_opened(pipe: Path) -> None:
    said: list[str] = []
    open_in_window("http://localhost:1/status", lambda: said.append("none"))
    assert (said, has_window()) == (["none"], False)
    assert not browsers()


@pytest.mark.parametrize("browser", ["false %s", "/nothing/of/the/kind %s"])
def test_one_that_does_not_start_is_said(monkeypatch: pytest.MonkeyPatch, browser: str) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser._tryorder", [browser])
    said = threading.Event()
    open_in_window("http://localhost:1/status", said.set)
    assert said.wait(SECONDS)


def test_a_file_that_leads_there_is_this_users_and_goes() -> None:
    with leading_to("http://127.0.0.1:1/?token=a&b=c") as address:
        path = Path(urlsplit(address).path)
        assert (urlsplit(address).scheme, "token" in address) == ("file", False)
        assert S_IMODE(path.stat().st_mode) == 0o600
        assert 'content="0; url=http://127.0.0.1:1/?token=a&amp;b=c"' in path.read_text()
    assert not path.exists()
