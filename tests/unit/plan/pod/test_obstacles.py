"""What is said of a container that could not be started."""

import pytest
from daskflow.plan.pod.obstacles import remedy


@pytest.mark.parametrize(
    ("words", "helps"),
    [
        ('exec: "python3": executable file not found in $PATH', "The image needs python3 and distributed."),
        ("ModuleNotFoundError: No module named 'distributed'", "The image needs python3 and distributed."),
        ("exec /bin/sh: exec format error", "The image is for another kind of processor"),
        ("exec /usr/bin/python3: argument list too long", "mount long texts from a ConfigMap"),
        ("failed to create shim task: cannot allocate memory", "`kubectl describe pod` has what else"),
    ],
)
def test_the_remedy_is_of_what_the_container_runtime_said(words: str, helps: str) -> None:
    assert helps in remedy(words)
