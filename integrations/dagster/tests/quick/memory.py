"""A Kubernetes API in memory, for what the client does on any cluster: runs end as a test says."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from dagster_pipes import PIPES_PROTOCOL_VERSION, PIPES_PROTOCOL_VERSION_FIELD

Object = dict[str, Any]


def said(method: str, **params: Any) -> str:
    """A line of the log that is a message of Pipes."""
    message = {PIPES_PROTOCOL_VERSION_FIELD: PIPES_PROTOCOL_VERSION, "method": method, "params": params}
    return json.dumps(message)


def materialized(asset: str, rows: int) -> str:
    """The message that an asset was materialised."""
    metadata = {"rows": {"raw_value": rows, "type": "int"}}
    return said("report_asset_materialization", asset_key=asset, metadata=metadata, data_version=None)


class Memory:
    """Stands for `dagster_daskflow.api.Api`; an attempt is a list of lines, `status` that of the end."""

    namespace = "flows"

    def __init__(self, *attempts: list[str], status: Object) -> None:
        self.attempts = attempts
        self.status = {"completionTime": "2026-01-01T00:00:10Z", "attempt": len(attempts), **status}
        self.runs: dict[str, Object] = {}
        self.created: list[str] = []
        self.cancelled: list[str] = []
        self.troubles: list[Exception] = []
        """Each is raised once, by whatever is asked next."""

    def _trouble(self) -> None:
        if self.troubles:
            raise self.troubles.pop(0)

    def create(self, run: Object) -> bool:
        self._trouble()
        name = run["metadata"]["name"]
        if name in self.runs:
            return False
        self.runs[name] = run
        self.created.append(name)
        return True

    def get(self, name: str) -> Object | None:
        self._trouble()
        run = self.runs.get(name)
        if run is None:
            return None
        run["looks"] = run.get("looks", 0) + 1
        return self._seen(run)

    def _seen(self, run: Object) -> Object:
        begun = {"phase": "Running", "attempt": 1, "startTime": "2026-01-01T00:00:00Z"}
        return {**run, "status": self.status if run.get("looks", 0) > 2 else begun}

    def labelled(self, selector: str) -> list[Object]:
        label, _, value = selector.partition("=")
        found = [run for run in self.runs.values() if run["metadata"]["labels"].get(label) == value]
        return [self._seen(run) for run in found]

    def cancel(self, name: str) -> None:
        self.cancelled.append(name)

    def runners(self, name: str) -> list[Any]:
        return [self._pod(f"{name}-{number}", number) for number in range(1, len(self.attempts) + 1)]

    def pod(self, name: str) -> Any:
        return self._pod(name, int(name.rpartition("-")[2]))

    def _pod(self, name: str, number: int) -> Any:
        metadata = SimpleNamespace(name=name, uid=name, labels={"daskflow.dev/attempt": str(number)})
        ended = SimpleNamespace(name="runner", state=SimpleNamespace(terminated=object()))
        return SimpleNamespace(metadata=metadata, status=SimpleNamespace(container_statuses=[ended]))

    def log(self, pod: str, container: str, since: int | None) -> Iterator[bytes]:
        lines = self.attempts[int(pod.rpartition("-")[2]) - 1]
        text = "".join(
            f"2026-01-01T00:00:00.{number:09}Z {line}\n" for number, line in enumerate(lines)
        ).encode()
        for start in range(0, len(text), 7):  # pieces have nothing to do with lines
            yield text[start : start + 7]
