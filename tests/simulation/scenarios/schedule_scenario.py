"""What a scenario with schedules is, beside what any scenario is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from daskflow.api.names import API_VERSION, FLOW_SCHEDULE

from tests.simulation.scenarios.scenario import RUN, Scenario

SUSPENDED = {"image": "registry.example/flows:1", "flow": {"entrypoint": "flows:flow"}, "suspend": True}
"""The spec of a run that exists and costs nothing."""


@dataclass(frozen=True)
class ScheduleScenario(Scenario):
    """Ticks are given in minutes since the world began, as an oracle that knows nothing of cron has them."""

    kind: str = FLOW_SCHEDULE
    ticks: tuple[int, ...] = ()
    """Those that must have been given a run; no other may have been."""
    exact: bool = False
    """Whether that holds whatever befalls the operator (else the last one, and no tick that is not told)."""
    punctual: bool = False
    """Whether, in a case without faults, each run is made within seconds of its tick, or of a jump."""
    others: tuple[int, ...] = ()
    """Further ticks that may have had a run, where the operator was disturbed."""
    quiet: float = 0.0
    """Seconds before which nothing need be looked at: the last tick is due by then."""
    kept: int | None = None
    """Of each schedule's runs so many are there at the end, in a case without faults."""
    condition: str = ""
    """A condition that must hold at the end, in a case without faults."""
    cheap: bool = False
    """Whether its runs stay suspended."""

    def manifest(self, name: str = RUN.name) -> dict[str, Any]:
        """One of the schedules as its user writes it."""
        template: Mapping[str, Any] = SUSPENDED if self.cheap else super().manifest(name)["spec"]
        own = {"cron", "concurrencyPolicy", "catchUp", "startingDeadline", "history", "suspend", "prewarm"}
        run = {key: value for key, value in template.items() if key not in own or self.cheap}
        return {
            "apiVersion": API_VERSION,
            "kind": FLOW_SCHEDULE,
            "metadata": {"name": name, "namespace": RUN.namespace},
            "spec": {"history": {"succeeded": 1000, "failed": 1000}, **self.spec, "template": {"spec": run}},
        }
