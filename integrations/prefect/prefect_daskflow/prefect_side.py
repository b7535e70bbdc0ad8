"""Flow runs, as they are read and written at Prefect's server."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterId,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Crashed, Pending

from prefect_daskflow.agreement import FINAL, State
from prefect_daskflow.names import Place

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import FlowRun
    from prefect.client.schemas.objects import State as PrefectState

PAGE = 200
OPEN = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
"""States in which a flow run of ours has a FlowRun."""


SUBMITTING = "Submitting"
"""The name of the PENDING state whose message is a submission's place. Prefect's server takes a second one of
the same name from nobody."""


def submission(history: Sequence[tuple[str, str]]) -> str:
    """The id of the state with which a flow run was given to a worker last, from the ids and types of all.

    It is the first of the PENDING states that follow each other: Pending, then Submitting.
    """
    found = ""
    before = ""
    for id_, type_ in history:
        if type_ == "PENDING" and before != "PENDING":
            found = id_
        before = type_
    return found


class Prefect:
    """One server, and flow runs of one work pool."""

    def __init__(self, client: "PrefectClient") -> None:
        self._client = client
        self._submissions: dict[str, tuple[str, str]] = {}

    async def flow_runs(self, ids: Iterable[str]) -> "dict[str, FlowRun]":
        """Those of them that there are."""
        found: dict[str, FlowRun] = {}
        for some in _pages(list(ids)):
            wanted = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(each) for each in some]))
            for each in await self._client.read_flow_runs(flow_run_filter=wanted, limit=PAGE):
                found[str(each.id)] = each
        return found

    async def open(self, pool: UUID) -> "list[FlowRun]":
        """The pool's flow runs that are to have a FlowRun."""
        found: list[FlowRun] = []
        wanted = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=OPEN)))
        pools = WorkPoolFilter(id=WorkPoolFilterId(any_=[pool]))
        while True:
            page = await self._client.read_flow_runs(
                flow_run_filter=wanted, work_pool_filter=pools, limit=PAGE, offset=len(found)
            )
            found += page
            if len(page) < PAGE:
                return found

    async def submission(self, flow_run: "FlowRun") -> str:
        """With which state it was given to a worker last; remembered for as long as its state is the same."""
        id_, state = str(flow_run.id), str(flow_run.state_id)
        known = self._submissions.get(id_)
        if known is None or known[0] != state:
            history = sorted(
                await self._client.read_flow_run_states(flow_run.id), key=lambda each: each.timestamp
            )
            found = submission([(str(each.id), each.type.value) for each in history])
            known = self._submissions[id_] = (state, found)
        return known[1]

    async def placed(self, flow_run: "FlowRun", own: Place) -> Place | None:
        """Where the FlowRun of its submission goes; None if it is to have none, since it is pending no more.

        The first worker that asks has its own place, all others have that one's: workers of different
        defaults would otherwise each make a FlowRun when one dies, or is kept waiting, over a submission.
        """
        state = flow_run.state
        if state is not None and state.is_pending() and state.name != SUBMITTING:
            said: PrefectState[Any] = Pending(name=SUBMITTING, message=own.said)
            answer = await self._client.set_flow_run_state(flow_run.id, said)
            if answer.status == SetStateStatus.ACCEPT:
                return own
            state = (await self._client.read_flow_run(flow_run.id)).state
        if state is None or not state.is_pending():
            return None
        return Place.said_in(state.message) or own

    def forget(self, ids: Iterable[str]) -> None:
        """Of these nothing will be asked again."""
        for each in ids:
            self._submissions.pop(each, None)

    async def state(self, flow_run: "FlowRun") -> State | None:
        """As agreement.steps wants it."""
        state = flow_run.state
        if state is None:
            return None
        policy = flow_run.empirical_policy
        elsewhere = (
            policy.retry_type != "in_process"
            if state.is_scheduled()
            else bool(state.state_details and state.state_details.pause_reschedule)
        )
        since: datetime = state.timestamp
        name = state.name or state.type.value.title()
        return State(state.type.value, name, since, await self.submission(flow_run), elsewhere)

    async def crash(self, id_: str, message: str) -> str:
        """Its state afterwards: Crashed, unless it has ended by itself meanwhile."""
        return await self._set(id_, Crashed(message=message))

    async def cancelled(self, id_: str, message: str) -> str:
        """Its state afterwards: Cancelled, unless it has ended by itself meanwhile."""
        return await self._set(id_, Cancelled(message=message))

    async def _set(self, id_: str, state: "PrefectState") -> str:
        """Asked first, since it may have ended meanwhile; what is refused without an end is forced."""
        for force in (False, True):
            try:
                answer = await self._client.set_flow_run_state(UUID(id_), state, force=force)
            except ObjectNotFound:
                return "deleted"
            if answer.status == SetStateStatus.ACCEPT:
                return str(state.name)
            now = await self._client.read_flow_run(UUID(id_))
            if now.state and now.state.type.value in FINAL:
                return str(now.state.name)
        raise RuntimeError(f"Prefect's server does not take the state {state.name} of flow run {id_}")

    async def exists(self, id_: str) -> bool:
        """Whether the server has it: a list may lack what is new."""
        try:
            await self._client.read_flow_run(UUID(id_))
        except ObjectNotFound:
            return False
        return True


def _pages(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), PAGE):
        yield ids[start : start + PAGE]
