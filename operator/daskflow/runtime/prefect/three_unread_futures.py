"""A flow of Prefect 3 fails with a task run that failed and whose future it never read.

Prefect calls a flow Completed that returns normally, whatever became of the futures that it never read.
What a flow has decided counts: a state that it returns; a failure that was raised, for others like it.
"""

from __future__ import annotations

import asyncio
import inspect
from contextvars import ContextVar
from typing import Any, Callable

from .three_failures import await_events, failures, listed, submitted
from .three_states import is_bad


class Unlooked(Exception):
    """Raised in a flow that returned although task runs failed whose futures it never read.

    Its name is in the run's failure, where a retry policy may match it.
    """


_open: dict[Any, dict[str, Any]] = {}
"""Submitted task runs that the flow has not read, by id: their flow run, future, status."""

_covered: dict[Any, tuple[list[Any], list[Any]]] = {}
"""What the flow knows of once a task run's failure is raised, by its id: the task runs of the same map, and
those whose futures it was given."""
_map: ContextVar[list[Any]] = ContextVar("map")
"""The task runs of the map that is being submitted."""


def watch(runner: Any, future: Any) -> None:
    """Know which task runs were submitted, and which of them the flow read."""
    from prefect.context import FlowRunContext
    from prefect.futures import PrefectFutureList
    from prefect.utilities.annotations import allow_failure

    submit, result, state = runner.submit, future.result, future.state.fget
    map_ = runner.map
    results = PrefectFutureList.result

    def submitting(self: Any, task: Any, parameters: Any, *args: Any, **kwargs: Any) -> Any:
        given: list[Any] = []
        _each(parameters, allow_failure, lambda found: _each(found.unwrap(), future, _read))
        _each(parameters, future, lambda found: given.append(found.task_run_id))
        made = submit(self, task, parameters, *args, **kwargs)
        context = FlowRunContext.get()
        run = context and context.flow_run and context.flow_run.id
        entry = {"id": made.task_run_id, "run": run, "future": made.wrapped_future}
        _open[made.task_run_id] = entry
        submitted[made.task_run_id] = task.name
        siblings = _map.get([])
        siblings.append(made.task_run_id)
        _covered[made.task_run_id] = siblings, given
        made.wrapped_future.add_done_callback(lambda done: _done(entry, done))
        return made

    def mapping(*args: Any, **kwargs: Any) -> Any:
        token = _map.set([])
        try:
            return map_(*args, **kwargs)
        finally:
            _map.reset(token)

    def asking(self: Any, *args: Any, **kwargs: Any) -> Any:
        _read(self)
        try:
            return result(self, *args, **kwargs)
        except Exception:
            _cover(self.task_run_id)
            raise

    def reading(self: Any) -> Any:
        _read(self)
        return state(self)

    def all_results(self: Any, *args: Any, **kwargs: Any) -> Any:
        for one in self:
            _read(one)
        return results(self, *args, **kwargs)

    runner.submit, runner.map = submitting, mapping
    future.result, future.state = asking, property(reading)
    PrefectFutureList.result = all_results


def _read(future: Any) -> None:
    _open.pop(getattr(future, "task_run_id", None), None)


def _cover(id_: Any) -> None:
    """The flow was told of this failure: it knows of those of the same kind, and of those that led to it."""
    known = [id_]
    for each in known:  # it grows
        _open.pop(each, None)
        for more in _covered.pop(each, ()):
            known += more
            more.clear()  # it is shared


def _done(entry: dict[str, Any], future: Any) -> None:
    """Let go of the result: it may be big, and the flow that has dropped it does not want it any more."""
    if hasattr(future, "key"):
        entry["status"] = future.status
    else:
        state = None if future.cancelled() or future.exception() else future.result()
        entry["status"] = "error" if state is None else "finished"
        if state is not None and is_bad(state):
            failures[entry["id"]] = str(state.message)
    entry["future"] = None


def _each(value: Any, kind: Any, act: Callable[[Any], None]) -> None:
    """Call `act` for whatever of this kind is in a collection."""
    from prefect.utilities.collections import visit_collection

    def visit(found: Any) -> Any:
        if isinstance(found, kind):
            act(found)
        return found

    visit_collection(value, visit_fn=visit, return_data=False)


def fail_flows() -> None:
    """Have a flow that returns asked for what it did not read, before Prefect calls it Completed."""
    from prefect import flow_engine
    from prefect.context import FlowRunContext

    def ask(engine: Any, result: Any) -> None:
        from prefect.futures import PrefectFuture
        from prefect.states import State

        _each(result, PrefectFuture, _read)  # Prefect judges by these itself
        context = FlowRunContext.get()
        run = context and context.flow_run and context.flow_run.id
        mine = {id_: entry for id_, entry in list(_open.items()) if entry["run"] == run}
        if isinstance(result, State):  # decided
            for id_ in mine:
                _open.pop(id_, None)
            return
        _wait(mine)
        for id_ in mine:
            _open.pop(id_, None)
        failed = {id_: message for id_, message in failures.items() if id_ in mine}
        if failed:
            names = listed([f"{submitted[id_]} ({_brief(message)})" for id_, message in failed.items()])
            runs = "1 task run" if len(failed) == 1 else f"{len(failed)} task runs"
            raise Unlooked(
                f"{runs} failed, and the flow never asked what came of it: {names}."
                " Call result() of its future, or read its state"
            )

    for name in ("FlowRunEngine", "AsyncFlowRunEngine"):
        engine = getattr(flow_engine, name, None)
        if engine is not None:
            engine.handle_success = _asked_first(engine.handle_success, ask)


def _brief(message: str) -> str:
    return message.replace("Task run encountered an exception ", "", 1)


def _asked_first(original: Any, ask: Any) -> Any:
    if inspect.iscoroutinefunction(original):

        async def handle(self: Any, result: Any) -> Any:
            from contextvars import copy_context

            context = copy_context()
            await asyncio.get_running_loop().run_in_executor(None, context.run, ask, self, result)
            return await original(self, result)

        return handle

    def handle_sync(self: Any, result: Any) -> Any:
        ask(self, result)
        return original(self, result)

    return handle_sync


def _wait(mine: dict[Any, dict[str, Any]]) -> None:
    """Wait for these task runs to end, and hear which of them failed."""
    held = [future for future in [entry["future"] for entry in mine.values()] if future is not None]
    if held and hasattr(held[0], "key"):
        import distributed

        with held[0].client.as_current():  # the flow's own, with an event loop of its own
            distributed.wait(held)
    elif held:
        import concurrent.futures

        concurrent.futures.wait(held)
    for id_, entry in mine.items():
        future = entry["future"]
        if future is not None:
            _done(entry, future)
        if entry["status"] != "finished":
            failures.setdefault(id_, f"its Dask task ended as {entry['status']}")
    if mine:
        await_events()
