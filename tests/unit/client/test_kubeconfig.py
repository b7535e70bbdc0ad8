"""Which cluster is meant is found as kubectl finds it."""

import os
from pathlib import Path

import pytest
import yaml
from daskflow.client import kubeconfig as module
from daskflow.client.errors import ConnectionFailed
from daskflow.client.kubeconfig import access

from tests.unit.client.api_in_memory import kubeconfig


@pytest.fixture(autouse=True)
def nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(module, "ACCOUNT", tmp_path / "account")


def _changed(path: Path, **parts: object) -> Path:
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **parts}))
    return path


def test_the_earlier_of_several_files_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = kubeconfig(tmp_path / "1", "https://one"), kubeconfig(tmp_path / "2", "https://two")
    _changed(first, **{"current-context": ""})
    missing = str(tmp_path / "missing")
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(["", missing, str(first), str(second)]))
    found = access()
    assert (found.context, found.server, found.namespace) == ("here", "https://one", "team")
    assert access(str(second)).server == "https://two"


def test_the_file_of_the_home_is_the_last_resort(tmp_path: Path) -> None:
    (tmp_path / "home" / ".kube").mkdir(parents=True)
    kubeconfig(tmp_path / "home" / ".kube" / "config", "https://home")
    assert access().server == "https://home"


def test_in_a_pod_it_is_the_service_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    (tmp_path / "account").mkdir()
    for name, text in (("token", "t"), ("namespace", "mine\n")):
        (tmp_path / "account" / name).write_text(text)
    found = access()
    assert (found.namespace, found.config) == ("mine", None)


def test_paths_are_from_the_files_own_folder(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret\n")
    (tmp_path / "key.pem").write_text("")
    config = kubeconfig(tmp_path / "config", "https://one", tokenFile="token", **{"client-key": "key.pem"})
    found = access(str(config)).config
    assert found
    assert found["users"][0]["user"] == {
        "tokenFile": str(tmp_path / "token"),
        "token": "secret",
        "client-key": str(tmp_path / "key.pem"),
    }


@pytest.mark.parametrize(
    ("parts", "context", "words"),
    [
        ({}, "her", "no context 'her'; did you mean here?"),
        ({}, "production", "no context 'production'; there are: here"),
        ({"current-context": ""}, None, "no current context"),
        ({"clusters": []}, None, "the cluster 'c', which the kubeconfig lacks"),
        ({"users": [{"name": "u", "user": {"client-key": "no.pem"}}]}, None, "no.pem, which does not exist"),
        ({"users": [{"name": "u", "user": {"tokenFile": "no"}}]}, None, "names the token file"),
        ({"contexts": ["text"]}, None, "is no kubeconfig"),
    ],
)
def test_what_is_wrong_with_it_is_said(
    tmp_path: Path, parts: dict[str, object], context: str | None, words: str
) -> None:
    config = _changed(kubeconfig(tmp_path / "config", "https://one"), **parts)
    with pytest.raises(ConnectionFailed, match=words):
        access(str(config), context)


def test_one_that_is_not_there_or_no_yaml(tmp_path: Path) -> None:
    with pytest.raises(ConnectionFailed, match="there is no kubeconfig; set KUBECONFIG"):
        access()
    with pytest.raises(ConnectionFailed, match="missing does not exist"):
        access(str(tmp_path / "missing"))
    (tmp_path / "config").write_text("a: [")
    with pytest.raises(ConnectionFailed, match="cannot be read"):
        access(str(tmp_path / "config"))
