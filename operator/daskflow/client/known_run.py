"""A FlowRun as it was when it was last heard of: what async and sync runs have in common."""

from abc import ABC, abstractmethod
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from daskflow.api.flowrun import FlowRunSpec, spec_of
from daskflow.api.flowrun_status import TERMINAL_PHASES, FlowRunStatus, status_of
from daskflow.client.connection import Connection, Object

if TYPE_CHECKING:
    from daskflow.client.report.run_report import RunReport


class KnownRun(ABC):
    """Its properties ask for nothing: `refresh`, `watch`, `wait` and what changes the run bring news."""

    @property
    @abstractmethod
    def resource(self) -> Object:
        """The whole object, as JSON."""

    @property
    @abstractmethod
    def connection(self) -> Connection:
        """Through which it is asked for."""

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.resource["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """Its namespace."""
        return str(self.resource["metadata"]["namespace"])

    @property
    def uid(self) -> str:
        """What tells it from another of its name."""
        return str(self.resource["metadata"]["uid"])

    @property
    def spec(self) -> FlowRunSpec:
        """What its user asked for. Raises pydantic.ValidationError for what only a newer daskflow knows."""
        return spec_of(self.resource)

    @property
    def status(self) -> FlowRunStatus:
        """What has become of it, in the operator's own words."""
        return status_of(self.resource)

    @property
    def phase(self) -> str:
        """Pending as long as no operator has seen it."""
        return self.status.phase or "Pending"

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.phase in TERMINAL_PHASES

    @property
    def report(self) -> "RunReport | None":
        """Where time and memory of its last attempt went; None before its end, or where nobody kept count."""
        from daskflow.client.report.reading import figures_of
        from daskflow.client.report.run_report import RunReport

        figures = figures_of(self.resource)
        return RunReport(figures) if figures else None

    def _repr_html_(self) -> str:
        """What notebooks show of it, as last heard of."""
        from daskflow.client.notebook.html import run_html

        return run_html(self.resource, datetime.now(timezone.utc))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.namespace}/{self.name}: {self.phase}>"
