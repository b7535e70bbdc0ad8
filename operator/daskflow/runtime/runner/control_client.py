"""The control listener's client: what the supervisor (and a local run) says to a scheduler."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import quote, urlsplit

from ..settings import text, tls, token

TASKS_LIMIT = 64 << 20
"""Bytes that are read of the record of each task."""


class Unreachable(Exception):
    """No answer: refused, timed out, broken off, or a certificate that does not belong to the cluster."""


class Refused(Exception):
    """An answer other than 200. `status` 409: another runner holds the lease; 401: not our token."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"HTTP {status} {body}")
        self.status = status
        self.body = body


ANSWER_LIMIT = 2 << 20
CLAIM_LIMIT = 9 << 20
"""Bytes of an answer: a claim brings code, as much as a request to the scheduler may carry."""


class ControlClient:
    """One persistent connection to a control listener; not for use by two threads.

    Every call takes its bound in seconds, and raises Unreachable or Refused.
    """

    def __init__(self, url: str, runner: str, bearer: str = "") -> None:
        """`bearer`: the control token, if it is not in the mounted file."""
        parts = urlsplit(url)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 8788)
        self._tls = tls(server=False) if parts.scheme == "https" else None
        self._secure = parts.scheme == "https"
        self._runner = runner
        self._headers = {"Authorization": "Bearer " + (bearer or token()), "Content-Type": "application/json"}
        self._connection: http.client.HTTPConnection | None = None

    def lease(self, begun: str | None, timeout: float = 5, parked: str | None = None) -> dict[str, Any]:
        """Take or renew the lease. With `begun` the answer is the leave to run user code.

        `parked`: this runner waits for a run, and what it could not do for one, or "".
        """
        body = {"runner": self._runner, "begun": begun, "record": bool(text("REPORT_TO"))}
        if parked is not None:
            body |= {"parked": True, "note": parked}
        return self._ask("POST", "/v1/lease", body, timeout)

    def outcome(
        self,
        outcome: dict[str, Any],
        timeout: float = 3,
        early: bool = False,
        kept: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Hand over the outcome, on which an owned cluster goes down, unless `early`. May be repeated.

        `kept` is what the report says of the record of each task.
        """
        body = {"runner": self._runner, "outcome": outcome, "early": early, "kept": kept or {}}
        return self._ask("POST", "/v1/outcome", body, timeout)

    def tasks(self, timeout: float) -> bytes:
        """The record of each task, gzipped."""
        path = f"/v1/report?runner={quote(self._runner, '')}"
        status, packed = self._fetch("GET", path, None, timeout, TASKS_LIMIT)
        if status != 200:
            raise Refused(status, {})
        return packed

    def watch(self, since: int, wait: float) -> dict[str, Any]:
        """Wait up to `wait` seconds for a version other than `since`; the workers' list is left out."""
        path = f"/v1/watch?since={since}&timeout={wait:.3f}&brief=1"
        return self._ask("GET", path, None, wait + 5)

    def claim(self, wait: float) -> dict[str, Any]:
        """Wait up to `wait` seconds for a run's claim: `claim`, None without one, and the workers' number."""
        return self._ask("GET", f"/v1/claim?timeout={wait:.3f}", None, wait + 5, CLAIM_LIMIT)

    def close(self) -> None:
        """Drop the connection; the next call opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(
        self, method: str, path: str, body: Any, timeout: float, most: int = ANSWER_LIMIT
    ) -> dict[str, Any]:
        fresh = self._connection is None
        try:
            return self._once(method, path, body, timeout, most)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
            if fresh:
                raise Unreachable(str(error)) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(str(error) or type(error).__name__) from error
        try:  # an idle connection that the other side had closed: once more on a new one
            return self._once(method, path, body, timeout, most)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(str(error) or type(error).__name__) from error

    def _once(self, method: str, path: str, body: Any, timeout: float, most: int) -> dict[str, Any]:
        status, data = self._fetch(method, path, body, timeout, most)
        try:
            answer = json.loads(data or b"{}")
        except RecursionError:
            raise ValueError("an answer that is nested too deeply") from None
        if not isinstance(answer, dict):
            raise ValueError("an answer that is no object")
        if status != 200:
            raise Refused(status, answer)
        return answer

    def _fetch(self, method: str, path: str, body: Any, timeout: float, most: int) -> tuple[int, bytes]:
        try:
            if self._connection is None:
                if self._secure:
                    self._connection = http.client.HTTPSConnection(*self._address, context=self._tls)
                else:
                    self._connection = http.client.HTTPConnection(*self._address)
            self._connection.timeout = timeout
            if self._connection.sock is not None:
                self._connection.sock.settimeout(timeout)
            data = None if body is None else json.dumps(body).encode()
            self._connection.request(method, path, data, self._headers)
            response = self._connection.getresponse()
            return response.status, response.read(most)
        except BaseException:
            self.close()
            raise
