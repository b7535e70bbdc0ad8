"""What of a decorated function is sent, and what is refused while the DAG is parsed."""

import json
import math
import os
from pathlib import Path
from typing import Any

import pytest
from airflow_provider_daskflow.manifest import Invalid
from airflow_provider_daskflow.sent_functions import parameters, script

FACTOR = 2


def run(function: Any, *args: Any, **kwargs: Any) -> Any:
    """What a run of it returns."""
    found: dict[str, Any] = {"__name__": "__main__"}
    os.environ["DASKFLOW_PARAMETERS"] = json.dumps(parameters(function, args, kwargs))
    exec(compile(script(function), "script", "exec"), found)
    return found["result"]


def total(first: Path, /, *rest: int, factor: int = FACTOR, **more: int) -> dict[str, int]:
    """Its annotations and defaults need names that are not there."""
    import math as mathematics

    class Sum:
        start = 0

        def of(self, values: Any) -> int:
            return sum(mathematics.floor(each) for each in values) + self.start

    def again(depth: int) -> int:
        return depth if not depth else again(depth - 1)

    return {"sum": factor * Sum().of([first, *rest, *more.values()]) + again(3)}


def test_it_stands_on_its_own() -> None:
    assert run(total, 1, 2, three=3) == {"sum": 12}
    assert run(total, 1, factor=10) == {"sum": 10}


def test_arguments_of_more_than_a_variable_holds_come_in_a_file(tmp_path: Path, monkeypatch: Any) -> None:
    file = tmp_path / "parameters.json"
    file.write_text(json.dumps(parameters(total, [1], {})))
    monkeypatch.setenv("DASKFLOW_PARAMETERS_FILE", str(file))
    found: dict[str, Any] = {}
    exec(script(total), found)
    assert found["result"] == {"sum": 2}


def of_module() -> float:
    return math.sqrt(FACTOR)


def in_a_class() -> Any:
    class Own:
        root = math.sqrt(4)

    return Own.root


def within(value: int) -> Any:
    def inner() -> int:
        return value

    return inner


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (of_module, "of_module uses FACTOR and math of the DAG's file, which is not sent; import it within"),
        (in_a_class, "in_a_class uses math of the DAG's file"),
        (within(1), "inner uses value of the DAG's file"),
        (lambda: 1, "a lambda has no source of its own; write a function"),
    ],
)
def test_what_would_be_missing_is_said(function: Any, said: str) -> None:
    with pytest.raises(Invalid) as raised:
        script(function)
    assert str(raised.value).startswith(f"@task.daskflow: {said}")


def test_arguments_that_are_no_json_are_named() -> None:
    with pytest.raises(
        Invalid, match=r"positional arguments of total\[0\]: a PosixPath cannot be sent as JSON"
    ):
        parameters(total, [Path("/")], {})
    with pytest.raises(TypeError, match="missing a required argument: 'first'"):
        parameters(total, [], {})
