"""The outcome's pipe, into which a flow may write: it has it open, as all files of its process."""

import pytest

from tests.runtime.conftest import Pods

FLOW = """
import os

def written(line):
    for fd in range(3, 64):
        try:
            os.write(fd, line)
        except OSError:
            pass
    return 7

def words():
    return written(b"hello\\nworld")

def number():
    return written(b"[5]\\n")

def nested():
    return written(b"[" * 9000 + b"\\n")

def texts():
    return written(b'{"outcome": "Failed", "reason": "", "message": "", "exitCode": "x"}\\n')

def flood():
    return written(b"x" * 60000)
"""


@pytest.mark.parametrize("flow", ["words", "number", "nested", "texts", "flood"])
def test_what_a_flow_writes_into_it_is_no_outcome(plain_pods: Pods, flow: str) -> None:
    plain_pods.file("etl.py", FLOW)
    outcome = plain_pods.alone({"entrypoint": f"etl:{flow}"})
    assert (outcome["outcome"], outcome["result"]) == ("Succeeded", 7)
