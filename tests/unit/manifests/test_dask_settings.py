"""docs/dask-settings.md decides about each option and setting that the installed Dask has."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dask.config
import distributed  # noqa: F401  (brings its configuration)
import pytest
from daskflow.manifests.dask_settings import CONFIG, OPTIONS, setting
from distributed.cli import dask_scheduler, dask_worker

PAGE = (Path(__file__).parents[3] / "docs" / "dask-settings.md").read_text()
OPTION_ROWS, SETTING_ROWS = (
    [row for row in part.splitlines() if row.startswith("| `")] for part in PAGE.split("## Settings")
)


def first_cell(row: str) -> list[str]:
    """The names in the first column."""
    return re.findall(r"`([^`]+)`", row.split("|")[1])


def leaves(node: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for name, value in node.items():
        at = f"{path}.{name}" if path else name
        if isinstance(value, Mapping) and value:
            yield from leaves(value, at)
        else:
            yield at


@pytest.mark.parametrize(("role", "command"), [("scheduler", dask_scheduler), ("worker", dask_worker)])
def test_each_option_is_decided_about_and_refused_as_the_page_says(role: str, command: Any) -> None:
    has = {name for param in command.main.params for name in (*param.opts, *param.secondary_opts)}
    options = {name for name in has if name.startswith("--")}
    said = {
        name: row
        for row in OPTION_ROWS
        for name in first_cell(row)
        if row.split("|")[2].strip() in (role, "both")
    }
    assert options - said.keys() == set()
    assert OPTIONS[role].keys() <= options
    refused = {name for name in options if "refused" in said[name].split("|")[3]}
    assert refused == OPTIONS[role].keys()


def test_each_setting_is_decided_about_and_refused_as_the_page_says() -> None:
    names = [name for row in SETTING_ROWS for name in first_cell(row)]
    for leaf in leaves(dask.config.config):
        assert any(leaf == name or leaf.startswith(f"{name}.") for name in names), leaf
    refused = {
        name
        for row in SETTING_ROWS
        if row.split("|")[2].strip().startswith("refused")
        for name in first_cell(row)
    }
    assert refused == {rule.field for rule in CONFIG}


def test_a_variable_is_read_as_dask_reads_it() -> None:
    for name, value in {
        "DASK_TEMPORARY_DIRECTORY": "/fast",
        "DASK_DISTRIBUTED__SCHEDULER__IDLE_TIMEOUT": "10s",
        "DASK_DISTRIBUTED__COMM": "{'retry': {'count': 3}}",
        "DASK_A__B": "none",
    }.items():
        assert dash(setting(name, value)) == dash(dask.config.collect_env({name: value}))


def dash(node: Any) -> Any:
    """Names with dashes, which Dask takes for the same as underscores."""
    if not isinstance(node, Mapping):
        return node
    return {name.replace("_", "-"): dash(value) for name, value in node.items()}
