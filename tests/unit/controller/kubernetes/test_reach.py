"""A namespace without a Role of the operator keeps no other waiting, and is noticed when it has one."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

import pytest
from daskflow.controller.kubernetes.kinds import CHILDREN, CONFIG_MAPS, CUSTOM
from daskflow.controller.kubernetes.reach import MOST_SECONDS, SECONDS, until_it_changes, within_reach
from daskflow.controller.kubernetes.verbs import ApiError, Listing

from tests.simulation.loop import run

ALL = frozenset((*CUSTOM, *CHILDREN, CONFIG_MAPS))


class Rights:
    """An API server that has nothing, and refuses these kinds in these namespaces."""

    def __init__(self, **refused: frozenset[str]) -> None:
        self.refused = refused
        self.ill = False
        self.seconds = 0.0

    async def pages(
        self, kind: str, namespace: str | None = None, selector: str = "", name: str = ""
    ) -> AsyncGenerator[Listing, None]:
        assert name, "a label would have the server read all there are"
        await asyncio.sleep(self.seconds)
        if self.ill:
            raise ApiError(503, "ServiceUnavailable", "the server is ill")
        if kind in self.refused.get(namespace or "", ()):
            message = f'{kind} is forbidden: User "u" cannot list resource "{kind}"'
            raise ApiError(403, "Forbidden", message)
        yield Listing((), "1")


def reached(rights: Rights, *namespaces: str) -> tuple[str, ...]:
    return run(within_reach(rights, namespaces))  # type: ignore[arg-type]


def test_a_namespace_is_within_reach_where_every_kind_may_be_listed() -> None:
    rights = Rights(b=frozenset({"Pod"}), c=ALL, e=frozenset({CONFIG_MAPS}))
    assert reached(rights, "e", "d", "c", "b", "a") == ("d", "a")


def test_a_server_that_is_ill_refuses_nothing() -> None:
    rights = Rights(a=ALL)
    rights.ill = True
    assert reached(rights, "a", "b") == ("a", "b")


def test_a_server_that_answers_late_keeps_no_beginning() -> None:
    async def story() -> float:
        rights = Rights(a=ALL)
        rights.seconds = 60.0
        at = asyncio.get_running_loop().time()
        assert await within_reach(rights, ("a", "b", "c")) == ("a", "b", "c")  # type: ignore[arg-type]
        return asyncio.get_running_loop().time() - at

    assert run(story()) <= MOST_SECONDS


@pytest.mark.parametrize(
    ("before", "after", "noticed"),
    [
        ({"b": ALL}, {}, True),  # its Role is there
        ({"b": ALL}, {"b": frozenset({"Service"})}, False),  # half of it
        ({"b": ALL}, {"a": ALL, "b": ALL}, True),  # another's is gone
        ({"b": ALL}, {"a": frozenset({"Pod"}), "b": ALL}, False),  # told of where it is missed
        ({"b": ALL}, {"b": ALL}, False),
    ],
)
def test_what_comes_within_reach_or_goes_is_noticed(
    before: dict[str, frozenset[str]], after: dict[str, frozenset[str]], noticed: bool
) -> None:
    async def story() -> bool:
        rights = Rights(**before)
        served = await within_reach(rights, ("a", "b"))  # type: ignore[arg-type]
        looking = asyncio.create_task(_looking(until_it_changes(rights, ("a", "b"), served)))  # type: ignore[arg-type]
        await asyncio.sleep(3 * SECONDS)
        assert not looking.done()
        rights.refused = after
        await asyncio.sleep(1.5 * SECONDS)
        done = looking.done()
        looking.cancel()
        return done

    assert run(story()) is noticed


async def _looking(changes: Coroutine[Any, Any, None]) -> None:
    await changes
