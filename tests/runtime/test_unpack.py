"""Code that comes as an archive: unpacked, imported and run in by runner and workers, and never beside it."""

import base64
import gzip
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from daskflow.runtime.unpack import unpack

from .conftest import Pods

ETL = """
import os
from distributed import get_client
from project.parts import double

def where(n):
    return [os.path.basename(os.getcwd()), open("data/n.txt").read(), double(n)]

def flow():
    return [where(1), get_client().submit(where, 2).result()]
"""
PROJECT = {
    "etl.py": ETL,
    "project/__init__.py": "",
    "project/parts.py": "def double(n):\n    return 2 * n\n",
    "data/n.txt": "here",
}
HERE = {"daskflow.python": sys.version.split()[0]}


def archive(
    files: Mapping[str, str | tarfile.TarInfo], versions: Mapping[str, str] = HERE, parts: int = 1
) -> list[bytes]:
    """A compressed tar in so many parts; a TarInfo is a member without content."""
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT, pax_headers=dict(versions)
    ) as made:
        for name, content in files.items():
            if isinstance(content, tarfile.TarInfo):
                made.addfile(content)
                continue
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content.encode()))
    data = buffer.getvalue()
    size = -(-len(data) // parts)
    return [data[start : start + size] for start in range(0, len(data), size)]


def mounted(pods: Pods, parts: list[bytes]) -> dict[str, Path]:
    """What the operator tells pods that mount these parts."""
    folder = pods.folder / "archive"
    (folder / "..data").mkdir(parents=True)
    for number, part in enumerate(parts):
        (folder / f"part-{number:03}").write_bytes(part)
    return {"DASKFLOW_ARCHIVE": folder}


@pytest.mark.parametrize("nanny", [False, True])
@pytest.mark.parametrize("image", ["newest", "oldest"])
def test_runner_and_workers_run_in_it_and_import_from_it(pods: Pods, image: str, nanny: bool) -> None:
    if image == "oldest":
        pods.image("oldest")
    told: dict[str, Any] = mounted(pods, archive(PROJECT, parts=3))
    told |= {"DASKFLOW_ENTRYPOINT": "etl.py:flow", "DASKFLOW_NANNY": "1" if nanny else ""}
    pods.cluster(1, **told)
    outcome = pods.runner({"entrypoint": "etl.py:flow"}, 1, **told).outcome()
    assert outcome["result"] == [["daskflow-code", "here", 2], ["daskflow-code", "here", 4]], outcome


def test_plain_files_and_what_the_image_has_are_there_as_well(pods: Pods) -> None:
    told = mounted(pods, archive(PROJECT))
    pods.file("in_image.py", "VALUE = 1")
    plain = pods.folder / "files"
    plain.mkdir()
    (plain / "etl.py").write_text(
        "import in_image\nfrom project.parts import double\nflow = lambda: double(20) + in_image.VALUE"
    )
    outcome = pods.alone({"entrypoint": "etl:flow"}, DASKFLOW_FILES=plain, **told)
    assert outcome["result"] == 41, outcome


def test_a_command_runs_in_it(pods: Pods) -> None:
    told = mounted(
        pods, archive({**PROJECT, "main.py": "import project.parts\nprint(open('data/n.txt').read())"})
    )
    runner = pods.runner({"command": [pods.python, "main.py"]}, None, **told)
    assert (runner.outcome()["outcome"], "here" in runner.log()) == ("Succeeded", True), runner.log()


def test_other_versions_than_where_it_was_sent_from_are_named(pods: Pods) -> None:
    sent = {"daskflow.python": "3.6.1", "daskflow.distributed": "1.2.3"}
    told = mounted(pods, archive({"etl.py": "flow = lambda: 1"}, sent))
    runner = pods.runner({"entrypoint": "etl.py:flow"}, None, **told)
    assert runner.outcome()["result"] == 1
    assert f"the image has Python {HERE['daskflow.python']}; where the code was sent from it is 3.6.1" in (
        runner.log()
    )
    assert "where the code was sent from it is 1.2.3" in runner.log()


def test_the_same_versions_are_no_news(pods: Pods) -> None:
    told = mounted(pods, archive({"etl.py": "flow = lambda: 1"}))
    runner = pods.runner({"entrypoint": "etl.py:flow"}, None, **told)
    assert runner.outcome()["result"] == 1
    assert "sent from" not in runner.log()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> dict[str, tarfile.TarInfo]:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, link
    return {name: found}


@pytest.mark.parametrize(
    "files",
    [
        member("../out.py"),
        member("a/../../out.py"),
        member("/out.py"),
        member("out", tarfile.SYMTYPE, "/etc"),
        member("out", tarfile.LNKTYPE, "etl.py"),
        member("out", tarfile.FIFOTYPE),
    ],
    ids=["above", "above within", "absolute", "link", "hard link", "fifo"],
)
def test_what_would_lead_out_of_its_folder_is_refused(pods: Pods, files: dict[str, tarfile.TarInfo]) -> None:
    told = mounted(pods, archive({"etl.py": "flow = lambda: 1", **files}))
    outcome = pods.alone({"entrypoint": "etl.py:flow"}, **told)
    (name,) = files
    assert (outcome["reason"], outcome["exit"]) == ("EntrypointInvalid", 1), outcome
    assert outcome["message"] == f"the archive of spec.flow.files has {name!r}, no file in its folder."
    assert not list(pods.folder.rglob("out*"))


@pytest.mark.parametrize("change", ["short", "swapped", "no archive"])
def test_parts_that_are_missing_or_mixed_up_are_told_of(pods: Pods, change: str) -> None:
    parts = archive({**PROJECT, "more.txt": "".join(map(str, range(5000)))}, parts=3)
    changed = {"short": parts[:2], "swapped": [parts[0], parts[2], parts[1]], "no archive": [b"x"]}
    outcome = pods.alone({"entrypoint": "etl.py:flow"}, **mounted(pods, changed[change]))
    assert outcome["reason"] == "EntrypointInvalid", outcome
    assert outcome["message"].startswith("the archive of spec.flow.files cannot be unpacked: ")


def test_more_than_the_pods_have_room_for_is_refused(pods: Pods) -> None:
    zeros = tarfile.TarInfo("zeros")
    zeros.size = 257 << 20
    outcome = pods.alone({"entrypoint": "etl.py:flow"}, **mounted(pods, [gzip.compress(zeros.tobuf())]))
    assert outcome["message"] == "the archive of spec.flow.files takes more than 256 MiB unpacked."


def test_a_worker_says_what_is_wrong_with_it(pods: Pods) -> None:
    worker = pods.worker(**mounted(pods, [b"x"]))
    assert worker.wait() == 1
    assert "the archive of spec.flow.files cannot be unpacked" in worker.log()


def test_a_local_run_unpacks_it_too(tmp_path: Path) -> None:
    sources = [{"configMapRef": {"name": f"code-{number}"}, "archive": True} for number in range(2)]
    flow = {"entrypoint": "etl.py:flow", "files": {"sources": sources}}
    spec = {"image": "flows:1", "flow": flow, "cluster": {"workers": {"replicas": 1}}}
    run = {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowRun",
        "metadata": {"name": "code"},
        "spec": spec,
    }
    objects = [run]
    for number, part in enumerate(archive(PROJECT, parts=2)):
        data = {f"part-{number:03}": base64.b64encode(part).decode()}
        meta = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"code-{number}"}}
        objects.append({**meta, "binaryData": data})
    command = [sys.executable, "-m", "daskflow.cli", "local", "--output", "-", "-"]
    done = subprocess.run(
        command, input=yaml.safe_dump_all(objects), capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["result"] == [["daskflow-code", "here", 2], ["daskflow-code", "here", 4]]


def test_whatever_is_damaged_in_it_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASKFLOW_ARCHIVE", str(tmp_path / "parts"))
    monkeypatch.setenv("DASKFLOW_SCRATCH", str(tmp_path))
    (tmp_path / "parts").mkdir()
    sound = b"".join(archive(PROJECT))
    said = []
    for at in range(0, len(sound), 3):
        monkeypatch.chdir(tmp_path)
        damaged = bytearray(sound)
        damaged[at] ^= 0x5A
        (tmp_path / "parts" / "0").write_bytes(damaged)
        try:
            unpack("worker")
        except ValueError as error:
            said.append(str(error))
    assert len(said) > len(sound) / 3 / 2
    assert all(each.startswith("the archive of spec.flow.files ") for each in said)
