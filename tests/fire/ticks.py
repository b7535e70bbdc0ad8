"""A schedule under fire: each of its ticks gets one run, whatever befalls operators and API server."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from daskflow.api.names import ANNOTATION_SCHEDULED_TIME, API_VERSION, FLOW_RUN, FLOW_SCHEDULE
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.plan.model import Key, Object

from tests.fire.stories import RETENTION
from tests.simulation.invariants.runs import TERMINAL
from tests.simulation.scenarios import SCENARIOS

if TYPE_CHECKING:
    from tests.fire.ground import Ground

SECONDS = 20
KEY = Key(FLOW_SCHEDULE, "default", "every")


class Ticks:
    """`begin` one, `cease` when nothing goes wrong any more; `waiting` says what is still to come of it."""

    def __init__(self, ground: "Ground") -> None:
        self.made: Counter[datetime] = Counter()
        """Runs by their ticks."""
        self._server = ground.server
        self._due: datetime | None = None
        self._server.changed.append(self._hear)

    def begin(self) -> None:
        """From now on a run each SECONDS, also beside each other, also late."""
        spec = {**SCENARIOS["success"].manifest()["spec"], "retention": RETENTION}
        self._server.create(
            {
                "apiVersion": API_VERSION,
                "kind": FLOW_SCHEDULE,
                "metadata": {"name": KEY.name, "namespace": KEY.namespace},
                "spec": {
                    "interval": f"{SECONDS}s",
                    "concurrencyPolicy": "Allow",
                    "catchUp": "All",
                    "history": {"succeeded": 1000, "failed": 1000},
                    "template": {"spec": spec},
                },
            }
        )

    def cease(self) -> None:
        """All ticks up to now are to be made; no tick after the next ones needs to."""
        self._due = datetime.now(UTC)

    def waiting(self) -> list[str]:
        """What it is about, in words; nothing once all that was due has been made and has ended."""
        if self._due is None:
            return ["the schedule goes on"]
        if not self._suspended:
            settled = self._settled
            if settled is None or not self.made or settled < self._due - timedelta(seconds=SECONDS):
                return [f"ticks up to {self._due:%H:%M:%S}, settled up to {settled}"]
            self._server.update(KEY, spec={"suspend": True})
            return ["the schedule to be suspended"]
        return [body["metadata"]["name"] for body in self._runs() if _phase(body) not in TERMINAL]

    def wrong(self) -> Iterator[str]:
        """Ticks that were lost or made twice, and runs that ended otherwise than they should."""
        settled = self._settled
        if settled is None or not self.made:
            yield "the schedule has made no run"
            return
        tick = min(self.made)
        while tick <= settled:
            if self.made[tick] != 1:
                yield f"the tick {tick:%H:%M:%S} was made {self.made[tick]} times"
            tick += timedelta(seconds=SECONDS)
        yield from (f"the tick {each:%H:%M:%S} is not settled" for each in self.made if each > settled)
        for body in self._runs():
            if _phase(body) != "Succeeded":
                yield f"{body['metadata']['name']} of the schedule is {_phase(body)}"

    @property
    def _settled(self) -> datetime | None:
        said = (self._body.get("status") or {}).get("settledTime")
        return datetime.fromisoformat(said) if said else None

    @property
    def _suspended(self) -> bool:
        return bool((self._body.get("spec") or {}).get("suspend"))

    @property
    def _body(self) -> Object:
        body: Object = self._server.objects.get(KEY) or {}
        return body

    def _runs(self) -> list[Object]:
        return [body for body in self._server.objects.values() if body["kind"] == FLOW_RUN and _ours(body)]

    def _hear(self, type_: str, before: Object | None, now: Object) -> None:
        if type_ == "ADDED" and now["kind"] == FLOW_RUN and _ours(now):
            self.made[datetime.fromisoformat(now["metadata"]["annotations"][ANNOTATION_SCHEDULED_TIME])] += 1


def _ours(run: Object) -> bool:
    owner = controller_of(run) or {}
    return (owner.get("kind"), owner.get("name")) == (FLOW_SCHEDULE, KEY.name)


def _phase(run: Object) -> str:
    return str((run.get("status") or {}).get("phase"))
