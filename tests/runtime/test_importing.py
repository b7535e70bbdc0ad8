"""Entrypoints by path are imported as their authors mean it, on workers as well."""

import pytest

from tests.runtime.conftest import Pods

ETL = """
from .helpers import VALUE
import beside
from distributed import get_client

def double(n):
    return 2 * n + VALUE + beside.VALUE

def flow():
    return [get_client().submit(double, 1).result(), __name__]
"""


def in_package(pods: Pods, folder: str) -> None:
    pods.file(f"{folder}/etl.py", ETL)
    pods.file(f"{folder}/helpers.py", "VALUE = 40")
    pods.file(f"{folder}/beside.py", "VALUE = 100")


@pytest.mark.parametrize("image", ["newest", "oldest"])
def test_a_file_in_a_package_imports_relatively(pods: Pods, image: str) -> None:
    if image == "oldest":
        pods.image("oldest")
    in_package(pods, "my/pkg")
    pods.file("my/__init__.py", "")
    pods.file("my/pkg/__init__.py", "")
    entrypoint = "my/pkg/etl.py:flow"
    pods.cluster(1, DASKFLOW_ENTRYPOINT=entrypoint)
    outcome = pods.runner({"entrypoint": entrypoint}, 1).outcome()
    assert outcome["result"] == [142, "my.pkg.etl"], outcome


def test_without_a_package_the_form_that_works_is_named(pods: Pods) -> None:
    in_package(pods, "mypkg")
    outcome = pods.alone({"entrypoint": "mypkg/etl.py:flow"})
    assert outcome["reason"] == "EntrypointInvalid"
    assert "mypkg/etl.py imports relatively, and is in no package" in outcome["message"]
    assert "write the entrypoint as mypkg.etl:attribute" in outcome["message"]


def test_a_module_that_imports_what_is_beside_it_is_told_the_form_that_works(pods: Pods) -> None:
    pods.file("etl/etl.py", "import helpers\nflow = lambda: helpers.VALUE")
    pods.file("etl/helpers.py", "VALUE = 40")
    outcome = pods.alone({"entrypoint": "etl.etl:flow"})
    assert outcome["reason"] == "EntrypointInvalid"
    assert "etl.etl imports 'helpers', which is beside it" in outcome["message"]
    assert "write the entrypoint as etl/etl.py:attribute." in outcome["message"]
    assert pods.runner({"entrypoint": "etl/etl.py:flow"}, None, "second").outcome()["result"] == 40


def test_a_packages_name_may_be_taken_and_the_top_stays_as_it_is(pods: Pods) -> None:
    for path in ("json/etl.py", "etl.py"):
        pods.file(path, "flow = lambda: __name__")
    pods.file("json/__init__.py", "")
    pods.file("__init__.py", "")
    assert pods.alone({"entrypoint": "json/etl.py:flow"})["result"] == "etl"
    assert pods.runner({"entrypoint": "etl.py:flow"}, None, "second").outcome()["result"] == "etl"


def test_names_that_no_identifier_could_have(pods: Pods) -> None:
    pods.file("etl-1.py", "flow = lambda: __name__")
    pods.file("etl-1.0.py", "flow = lambda: __name__")
    assert pods.alone({"entrypoint": "etl-1.py:flow"})["result"] == "etl-1"
    outcome = pods.runner({"entrypoint": "etl-1.0.py:flow"}, None, "dotted").outcome()
    assert outcome["reason"] == "EntrypointInvalid"
    assert "a module has no dot in its name. Rename the file, to etl-1_0.py" in outcome["message"]


def test_a_script_has_one_name_in_every_attempt(pods: Pods) -> None:
    script = "def f():\n    raise ValueError(__file__.rpartition('/')[2])\nf()"
    outcomes = [pods.runner({"script": script}, None, name).outcome() for name in ("first", "second")]
    assert outcomes[0]["message"] == "ValueError: flow.py (flow.py, line 2, in f)"
    assert outcomes[0]["message"] == outcomes[1]["message"]
    assert outcomes[0]["failure"] == outcomes[1]["failure"]


DIAMOND = """
from distributed import Client
from helpers import double

def main():
    with Client() as client:
        print(sum(client.gather(client.map(double, range(10)))))

if __name__ == "__main__":
    main()
"""
COMMANDS = {
    "folder": ["sh", "-c", "cd diamond && exec {python} -c 'import diamond; diamond.main()'"],
    "script": ["{python}", "diamond/diamond.py"],
    "module": ["sh", "-c", "cd diamond && {python} -m diamond"],
}


@pytest.mark.parametrize("image", ["newest", "oldest"])
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_workers_import_what_is_beside_a_command(pods: Pods, image: str, command: list[str]) -> None:
    if image == "oldest":
        pods.image("oldest")
    pods.file("diamond/helpers.py", "def double(n):\n    return 2 * n\n")
    pods.file("diamond/diamond.py", DIAMOND)
    pods.cluster(1)
    runner = pods.runner({"command": [word.format(python=pods.python) for word in command]}, 1)
    assert runner.outcome()["outcome"] == "Succeeded", runner.log()
    assert "90\n" in runner.log()
    assert "Traceback" not in runner.log()
