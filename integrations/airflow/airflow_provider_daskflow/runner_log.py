"""The log of a run's runner, for the log of the task: each line once, whenever it is asked for."""

import re
from collections.abc import Iterator
from typing import Any

from kubernetes.client import ApiException, CoreV1Api
from urllib3.exceptions import HTTPError

_CONTAINER = "runner"
_PIECE = 1 << 20
"""Bytes of log that are read at once; the rest follows in the next piece."""
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*")
_LARGEST = 64 << 20
"""Bytes of log of one second, or of one line, beyond which nothing more of it is read."""


class RunnerLog:
    """What the runners of one run have printed since the last time; those of all its attempts in turn."""

    def __init__(self, api: CoreV1Api, name: str, namespace: str) -> None:
        self._api, self._namespace = api, namespace
        self._selector = f"daskflow.dev/run={name},daskflow.dev/component={_CONTAINER}"
        self._until: dict[str, str] = {}
        """By pod: the timestamp of the last line that was read."""
        self.refused = ""
        """Why there is no log to be had, when the API server says so."""

    def news(self, last: bool = False) -> Iterator[str]:
        """The lines that are new; with `last` also one that has no end.

        What cannot be read now is tried again the next time.
        """
        if self.refused:
            return
        try:
            pods = self._api.list_namespaced_pod(self._namespace, label_selector=self._selector).items
            for pod in sorted(pods, key=lambda pod: str(pod.metadata.creation_timestamp)):
                if _has_begun(pod):
                    yield from self._lines(pod.metadata.name, last)
        except ApiException as error:
            if error.status in (401, 403):
                self.refused = f"Airflow may not list pods and get pods/log in {self._namespace}"
        except (HTTPError, OSError):
            return

    def _lines(self, pod: str, last: bool) -> Iterator[str]:
        size = _PIECE
        while size <= _LARGEST:
            until = self._until.get(pod, "")
            piece = self._piece(pod, until, size)
            whole = piece[: piece.rfind(b"\n") + 1]
            full = len(piece) >= size
            fresh = [line for line in _texts(piece if last and not full else whole) if line[0] > until]
            for stamp, text in fresh:
                self._until[pod] = stamp
                yield text
            if not full:
                return
            size = _PIECE if fresh else 2 * size

    def _piece(self, pod: str, until: str, size: int) -> bytes:
        """From a second on; `sinceSeconds`, which the client has, compares the clocks of two machines."""
        query: list[tuple[str, Any]] = [
            ("container", _CONTAINER),
            ("timestamps", "true"),
            ("limitBytes", size),
        ]
        query += [("sinceTime", f"{until[:19]}Z")] if until else []
        path = f"/api/v1/namespaces/{self._namespace}/pods/{pod}/log"
        answer = self._api.api_client.call_api(
            path,
            "GET",
            query_params=query,
            auth_settings=["BearerToken"],
            _preload_content=False,
            _return_http_data_only=True,
        )
        return bytes(answer.data)


def _texts(piece: bytes) -> list[tuple[str, str]]:
    """Timestamp and text of each line; what a kubelet says that cannot read the log has no timestamp."""
    lines = piece.decode("utf-8", errors="replace").split("\n")
    parted = (line.partition(" ") for line in lines)
    return [(stamp, text) for stamp, _, text in parted if _STAMP.fullmatch(stamp)]


def _has_begun(pod: Any) -> bool:
    """Whether there can be a log: a container that waits for its image has none, and asking is an error."""
    states = [each.state for each in pod.status.container_statuses or [] if each.name == _CONTAINER]
    return any(state.running or state.terminated for state in states)
