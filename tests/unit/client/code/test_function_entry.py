"""In the image: Python and modules are compared before a function is loaded."""

import functools
import json
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from daskflow.client.code.function_entry import load
from daskflow.client.code.functions import sent
from daskflow.runtime import unpack
from daskflow.runtime.flow import Invalid
from daskflow.runtime.runner.recognise import recognise


class Flow:
    """Of this module, which is a project's own."""

    def __call__(self, n: int) -> int:
        return self.run(n)

    def run(self, n: int) -> int:
        return 3 * n


def _flow(n: int) -> int:
    return Flow().run(n)


@pytest.mark.parametrize(
    ("flow", "parameters"),
    [
        (lambda n: _flow(n), {"n": 4}),
        (functools.partial(_flow, 4), {}),
        (functools.wraps(_flow)(lambda *args, **kwargs: _flow(*args, **kwargs)), {"n": 4}),
        (Flow(), {"n": 4}),
        (Flow().run, {"n": 4}),
        (functools.partial(Flow().run, n=4), {}),
    ],
    ids=["lambda", "partial", "wrapped", "object", "method", "partial method"],
)
def test_what_can_be_called_is_called(tmp_path: Path, flow: Any, parameters: dict[str, int]) -> None:
    archive = sent(flow, False).archive
    assert archive
    unpack._extract(archive.data, str(tmp_path))
    assert recognise(load(str(tmp_path))[1], parameters, "a:b").call() == 12


def _sent(folder: Path, **changes: Any) -> Path:
    number = 3
    archive = sent(lambda: number, None).archive
    assert archive
    unpack._extract(archive.data, str(folder))
    about = folder / "daskflow_function.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | changes))
    return folder


def test_what_fits_is_loaded(tmp_path: Path) -> None:
    name, flow = load(str(_sent(tmp_path)))
    assert (name, flow()) == ("flow", 3)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"python": [3, 6]},
            r"was sent by Python 3\.6, and the image has 3\.\d+: use an image with Python 3\.6, or put",
        ),
        (
            {"needed": ["json", "nosuch", "none"], "versions": {"nosuch": "1.2"}},
            r"flow uses nosuch 1\.2, none, which the image does not have: install it in the image\.",
        ),
    ],
)
def test_what_does_not_fit_is_said(tmp_path: Path, changes: Any, words: str) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        load(str(_sent(tmp_path, **changes)))
    assert caught.value.reason == "EntrypointInvalid"


def test_what_cannot_be_loaded_is_told_with_versions_that_differ(tmp_path: Path) -> None:
    _sent(tmp_path, versions={"cloudpickle": "0.1"})
    (tmp_path / "daskflow_function.pkl").write_bytes(b"nothing of the kind")
    with pytest.raises(
        Invalid,
        match=rf"cannot be loaded in the image: UnpicklingError: .*; the image has cloudpickle "
        rf"{cloudpickle.__version__} and not 0\.1\.",
    ):
        load(str(tmp_path))
