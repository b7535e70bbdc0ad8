"""What the chart's variables become."""

import pytest
from daskflow.controller.settings import operator_namespace, process_settings


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NAMESPACES", "METRICS_PORT", "WORKERS", "LOG_LEVEL", "LOG_FORMAT", "LEASE", "IDENTITY"):
        monkeypatch.delenv(f"DASKFLOW_{name}", raising=False)


def test_without_any_it_looks_after_everything() -> None:
    found = process_settings()
    assert (found.namespaces, found.port, found.log_level, found.log_format) == ((), 8080, "INFO", "text")
    assert found.lease == "daskflow"
    assert operator_namespace() == "daskflow-system"


def test_two_processes_of_a_machine_are_two() -> None:
    assert process_settings().identity != process_settings().identity


def test_a_pod_is_called_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASKFLOW_IDENTITY", "daskflow-5bdc5c4f7-fhgmj")
    monkeypatch.setenv("DASKFLOW_NAMESPACES", " data, ,lab")
    found = process_settings()
    assert (found.identity, found.namespaces) == ("daskflow-5bdc5c4f7-fhgmj", ("data", "lab"))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LOG_FORMAT", "yaml", "DASKFLOW_LOG_FORMAT is 'yaml': set it to text or json"),
        ("LOG_LEVEL", "loud", "DASKFLOW_LOG_LEVEL is 'LOUD': set it to INFO or DEBUG or WARNING or ERROR"),
        ("METRICS_PORT", "http", "DASKFLOW_METRICS_PORT is 'http': set it to a number from 1 on"),
        ("WORKERS", "0", "DASKFLOW_WORKERS is '0': set it to a number from 1 on"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(f"DASKFLOW_{name}", value)
    with pytest.raises(ValueError, match=says):
        process_settings()
