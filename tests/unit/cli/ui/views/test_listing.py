"""Lists of clusters and of schedules: what is on them, in which order, and how much of it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from daskflow.api.names import DASK_CLUSTER, FLOW_SCHEDULE
from daskflow.cli.ui.source import Source
from daskflow.cli.ui.views.clusters import clusters_page
from daskflow.cli.ui.views.listing import MOST
from daskflow.cli.ui.views.page import Page
from daskflow.cli.ui.views.schedules import schedules_page

from tests.unit.cli.ui.conftest import Start
from tests.unit.cli.ui.world import World, cluster, schedule

Made = Callable[..., dict[str, Any]]
Paged = Callable[[Source, Mapping[str, str]], Page]
KINDS = [
    (DASK_CLUSTER, cluster, clusters_page, "cluster", "newest"),
    (FLOW_SCHEDULE, schedule, schedules_page, "schedule", "first"),
]


@pytest.mark.parametrize(("kind", "made", "page", "noun", "first"), KINDS)
async def test_two_hundred_are_shown_and_how_many_there_are(
    world: World, start: Start, kind: str, made: Made, page: Paged, noun: str, first: str
) -> None:
    source = await start()
    for number in range(MOST + 1):
        source.put(kind, made(f"x{number:03}", age=number))
        if number == MOST - 1:
            assert "are shown" not in page(source, {}).parts["empty"]
    found = page(source, {})
    assert f"The {first} 200 of 201 are shown." in found.parts["empty"]
    assert list(found.rows[f"{noun}s"]) == [f"{noun}/team/x{number:03}" for number in range(MOST)]
    assert f'id="{noun}/team/x000"' in found.rows[f"{noun}s"][f"{noun}/team/x000"]


@pytest.mark.parametrize(("kind", "made", "page", "noun", "first"), KINDS)
async def test_an_empty_one_says_so(
    start: Start, kind: str, made: Made, page: Paged, noun: str, first: str
) -> None:
    found = page(await start(), {})
    assert f"There are no {'dask' if noun == 'cluster' else 'flow'}{noun}s." in found.parts["empty"]
    assert (found.title, found.template) == (f"{noun}s".capitalize(), f"{noun}s.html")
