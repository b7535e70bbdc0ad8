"""What may go wrong between a program and its run: each error is one sentence with a remedy.

`exit_code` is that of a command which ends with the error (docs/sdk.md).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Every command imports this module, few need what it takes long to make: models.
    from daskflow.api.flowrun_status import Failure, FlowRunStatus

WRONG_USE = 2
NO_CONNECTION = 3
TIMED_OUT = 4
CANCELLED = 5


class DaskflowError(Exception):
    """Any of them; the text is one sentence."""

    exit_code = NO_CONNECTION


class ConnectionFailed(DaskflowError):
    """The API server cannot be asked: no kubeconfig, no such context, no answer, a wrong certificate."""


class Unauthorized(ConnectionFailed):
    """The API server does not know who asks: a token or certificate has expired, or is another cluster's."""


class Forbidden(DaskflowError):
    """The user lacks a right; the text says which verb on what."""


class NotInstalled(DaskflowError):
    """The cluster does not know daskflow's kinds."""


class ServerFailed(DaskflowError):
    """The API server answered with a fault of its own for longer than it takes to restart."""


class WrongUse(DaskflowError):
    """An argument or a manifest cannot be understood; nothing was sent."""

    exit_code = WRONG_USE


class Refused(DaskflowError):
    """The API server does not take an object as it is: a schema, a rule, a quota or a webhook says no."""

    exit_code = WRONG_USE

    def __init__(self, sentence: str, *, status: int = 0) -> None:
        super().__init__(sentence)
        self.status = status
        """The HTTP status."""


class OverQuota(Refused):
    """A ResourceQuota of the namespace has no room for the object."""

    exit_code = NO_CONNECTION


class NotFound(DaskflowError):
    """There is no object of this name, or there is none any more."""

    exit_code = WRONG_USE


class Deleted(NotFound):
    """Somebody deleted the run while it was waited for."""

    exit_code = 1


class AlreadyExists(DaskflowError):
    """There is another object of this name."""

    exit_code = WRONG_USE


class NoResult(DaskflowError):
    """The run has no result to give."""

    exit_code = 1

    def __init__(self, sentence: str, *, run: str, status: "FlowRunStatus") -> None:
        super().__init__(sentence)
        self.run = run
        """The run's name."""
        self.status = status


class FlowFailed(NoResult):
    """The run has ended without success."""

    @property
    def failure(self) -> "Failure":
        """The exception that ended the flow; its fields are empty where none is known."""
        from daskflow.api.flowrun_status import Failure

        return self.status.failure or Failure()

    @property
    def exception(self) -> str:
        """The name of the exception's class, "" where there was none."""
        return self.failure.exception

    @property
    def message(self) -> str:
        """What the exception says, else why the run failed."""
        return self.failure.message or self.status.message

    @property
    def traceback(self) -> str:
        """The last lines of the traceback, user code first."""
        return self.failure.traceback

    @property
    def reason(self) -> str:
        """Why, in one word of docs/reasons.md."""
        return self.status.reason


class Cancelled(FlowFailed):
    """The run was cancelled before its flow had ended by itself."""

    exit_code = CANCELLED


class NotFinished(NoResult, TimeoutError):
    """The run had not ended when the timeout passed; it goes on."""

    exit_code = TIMED_OUT


class ClusterEnded(DaskflowError):
    """A cluster has failed, was stopped or is gone; another one has to be made."""


class ClusterNotReady(DaskflowError, TimeoutError):
    """A cluster's scheduler could not be asked when the timeout passed."""

    exit_code = TIMED_OUT


class PackageMissing(WrongUse, ImportError):
    """What was asked for needs a package that is not installed here."""
