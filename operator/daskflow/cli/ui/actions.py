"""What a person may ask for on the page: the client's own verbs, with that person's rights."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timezone

from daskflow.api.flowrun_status import TERMINAL_PHASES
from daskflow.api.names import FLOW_RUN, FLOW_SCHEDULE
from daskflow.cli.scheduling.by_hand import first, make_way, manifest_of
from daskflow.cli.scheduling.known import understood
from daskflow.cli.ui.source import Source
from daskflow.client.errors import NotFound, WrongUse
from daskflow.client.run import AsyncRun

Change = Callable[[AsyncRun], Awaitable[None]]
CHANGES: dict[str, Change] = {
    "cancel": AsyncRun.cancel,
    "suspend": AsyncRun.suspend,
    "resume": AsyncRun.resume,
}


async def of_run(source: Source, namespace: str, name: str, action: str) -> str:
    """Do it, and say where to look then. Raises the errors of a connection."""
    resource = source.get(FLOW_RUN, namespace, name)
    if resource is None:
        raise NotFound(f"there is no run {name} in namespace {namespace} (any more); go back to the list")
    run = AsyncRun(resource, source.connection)
    if action == "retry":
        run = await run.retry(namespace=namespace, generate_name=True)
    elif run.phase in TERMINAL_PHASES:
        raise WrongUse(f"{name} has ended already: {run.phase}; retry it instead")
    else:
        await CHANGES[action](run)
    source.put(FLOW_RUN, dict(run.resource))
    return f"/runs/{run.namespace}/{run.name}?did={action}"


async def of_schedule(source: Source, namespace: str, name: str, action: str) -> str:
    """The same of a FlowSchedule. No run is triggered that would have to wait for the end of another."""
    resource = source.get(FLOW_SCHEDULE, namespace, name)
    if resource is None:
        raise NotFound(
            f"there is no schedule {name} in namespace {namespace} (any more); go back to the list"
        )
    if action == "trigger":
        schedule = understood({"kind": FLOW_SCHEDULE, **resource})
        seen = await make_way(source.connection, schedule, replace=False)
        with first(schedule):
            made = manifest_of(schedule, datetime.now(timezone.utc), seen)
            run = await AsyncRun.submit(made, namespace=namespace, connection=source.connection)
        source.put(FLOW_RUN, dict(run.resource))
        return f"/runs/{run.namespace}/{run.name}?did={action}"
    change = {"spec": {"suspend": action == "suspend"}}
    source.put(FLOW_SCHEDULE, await source.connection.patch(FLOW_SCHEDULE, name, change, namespace))
    return f"/schedules/{namespace}/{name}?did={action}"
