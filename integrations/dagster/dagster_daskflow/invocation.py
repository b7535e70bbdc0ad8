"""One FlowRun from its creation to its end: its log is handed over, its phases are told."""

import json
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Any, Protocol, TypeVar

from dagster import Failure
from kubernetes.client.exceptions import ApiException

from dagster_daskflow.api import Api, Object, passing, too_large
from dagster_daskflow.flowrun import GROUP, FlowRunStatus
from dagster_daskflow.manifest import LABEL_LINEAGE, RUNNER, Step, adopted
from dagster_daskflow.messages import LogMessageReader
from dagster_daskflow.pod_logs import follow

T = TypeVar("T")
ENDS = ("Succeeded", "Failed", "Cancelled")
_HOPELESS = frozenset(
    {
        "Cancelled",
        "ClusterUnfit",
        "ContainerCannotRun",
        "EntrypointInvalid",
        "ImageInvalid",
        "ParametersInvalid",
        "Refused",
        "SpecInvalid",
        "StatusInvalid",
    }
)
"""Reasons that another try of the same spec cannot mend; somebody who cancels a run means it, too."""
_PATIENCE = 600.0
"""Seconds without any answer of the API server after which it is given up."""
_LAST_WORDS = 60.0
"""Seconds that the rest of a log is waited for once the run has ended."""


class Log(Protocol):
    """Dagster's, of a step."""

    def info(self, message: str, /) -> Any:
        """For whoever looks."""

    def warning(self, message: str, /) -> Any:
        """For whoever wants to know."""


class Invocation:
    """The FlowRun of a step; all that is asked of it is asked again while the API server does not answer."""

    def __init__(self, api: Api, reader: LogMessageReader, log: Log, period: float) -> None:
        self._api, self._reader, self._log, self._period = api, reader, log, period
        self._threads: dict[str, Thread] = {}
        """Those that follow a pod's log, by its uid."""
        self._ended = Event()
        self._troubles: list[Exception] = []
        self._told: tuple[Any, ...] = ()
        self._attempt = 0
        self.name = ""

    def begin(self, step: Step, run: Object) -> None:
        """Create the run, or take over the one that goes on for the step."""
        runs = self._asked(lambda: self._api.labelled(f"{LABEL_LINEAGE}={step.lineage}"))
        self.name = adopted(runs, step) or step.name
        if self.name == step.name and self._asked(lambda: self._api.create(run)):
            self._log.info(f"FlowRun {self._api.namespace}/{self.name} is created")
        else:
            self._log.info(
                f"FlowRun {self._api.namespace}/{self.name} was begun for this step before; it goes on"
            )

    def wait(self) -> FlowRunStatus:
        """The status of the run that has succeeded. Raises Failure where it ended otherwise."""
        while (status := self._look()).phase not in ENDS:
            time.sleep(self._period)
        self._ended.set()
        self._read()  # a short attempt may have begun since the last one
        for thread in self._threads.values():
            thread.join(_LAST_WORDS)
            if thread.is_alive():
                self._log.warning(f"The {thread.name} has not been read to its end: reports may be missing")
        self._reader.settle(self._attempt)
        if status.phase != "Succeeded":
            raise self._failure(status)
        return status

    def cancel(self) -> None:
        """Have the operator end it; a fault is told and no more: somebody waits for this process to end."""
        try:
            self._api.cancel(self.name)
            self._log.info(f"FlowRun {self._api.namespace}/{self.name} is asked to end")
        except Exception as error:
            self._log.warning(f"FlowRun {self._api.namespace}/{self.name} could not be cancelled: {error}")

    def _look(self) -> FlowRunStatus:
        run = self._asked(lambda: self._api.get(self.name))
        if run is None:
            raise Failure(f"FlowRun {self._api.namespace}/{self.name} was deleted before it had ended")
        status = FlowRunStatus.model_validate(run.get("status") or {})
        self._tell(status)
        self._read()
        return status

    def _read(self) -> None:
        """Follow the logs of all runners there are. Raises Failure where that may not be."""
        for pod in self._asked(lambda: self._api.runners(self.name)):
            self._follow(pod)
        if self._troubles:
            if not self._ended.is_set():
                self.cancel()  # nobody would wait for it
            raise Failure(
                f"The log of FlowRun {self._api.namespace}/{self.name} cannot be read, so that nothing it"
                f" reports arrives; give this account the verb get on pods/log: {self._troubles[0]}"
            )

    def _tell(self, status: FlowRunStatus) -> None:
        state = (status.phase, status.attempt, status.reason, status.message)
        if state == self._told:
            return
        self._told = state
        because = ": ".join(filter(None, (status.reason, status.message)))
        words = f"FlowRun {self.name}: {status.phase or 'Pending'}, attempt {status.attempt or 1}"
        self._log.info(f"{words}: {because}" if because else words)

    def _follow(self, pod: Any) -> None:
        attempt = int((pod.metadata.labels or {}).get(f"{GROUP}/attempt", 1))
        self._attempt = max(self._attempt, attempt)
        if pod.metadata.uid in self._threads:
            return
        name = pod.metadata.name

        def read() -> None:
            try:
                follow(
                    self._api, name, RUNNER, lambda line: self._reader.line(attempt, line), self._ended.is_set
                )
            except Exception as error:
                self._troubles.append(error)

        self._threads[pod.metadata.uid] = thread = Thread(target=read, name=f"log of {name}", daemon=True)
        thread.start()

    def _asked(self, question: Callable[[], T]) -> T:
        since = time.monotonic()
        while True:
            try:
                return question()
            except Exception as error:
                if not passing(error) or time.monotonic() - since > _PATIENCE:
                    raise _refused(error, self._api.namespace) from error
                self._log.warning(f"Kubernetes does not answer, which is asked again: {error}")
            time.sleep(self._period)

    def _failure(self, status: FlowRunStatus) -> Failure:
        told = status.failure
        metadata: dict[str, Any] = {"daskflow_run": f"{self._api.namespace}/{self.name}"}
        if told is not None:
            metadata |= {"exception": told.exception or "", "traceback": told.traceback or ""}
        return Failure(
            f"FlowRun {self._api.namespace}/{self.name} is {status.phase}: {status.reason}: {status.message}",
            metadata=metadata,
            allow_retries=status.reason not in _HOPELESS,
        )


def _refused(error: Exception, namespace: str) -> Exception:
    """What a user reads: the API server's own sentence says which field or right it is about."""
    if too_large(error):
        return Failure(
            "The FlowRun is larger than the store of Kubernetes takes, 1.5 MiB as a rule: put parameters and"
            " extras into storage and give their place, and code into the image",
            allow_retries=False,
        )
    if not isinstance(error, ApiException) or error.status not in (400, 401, 403, 404, 422):
        return error
    try:
        said = str(json.loads(error.body)["message"])
    except (TypeError, ValueError, LookupError):
        said = str(error.body or error.reason).strip()
    remedy = "; correct namespace of the client, or install daskflow there" if error.status == 404 else ""
    return Failure(f"Kubernetes refuses a FlowRun in {namespace}: {said}{remedy}", allow_retries=False)
