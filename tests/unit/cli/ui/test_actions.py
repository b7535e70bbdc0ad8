"""Cancel, retry, suspend, resume: what is asked of the API server, and where the page goes then."""

import httpx
import pytest
from daskflow.api.names import FLOW_RUN, FLOW_SCHEDULE
from daskflow.cli.ui.source import Source
from daskflow.client.errors import Forbidden

from tests.unit.cli.ui.conftest import ORIGIN
from tests.unit.cli.ui.world import Known, World, run, schedule


@pytest.fixture
def world() -> World:
    world = World()
    world.put(FLOW_RUN, run("going", phase="Running"))
    world.put(FLOW_RUN, run("over", phase="Failed", spec={"cancel": True}))
    world.put(FLOW_SCHEDULE, schedule("daily"))
    return world


@pytest.mark.parametrize(
    ("action", "spec"),
    [("cancel", {"cancel": True}), ("suspend", {"suspend": True}), ("resume", {"suspend": False})],
)
async def test_a_run_is_changed(page: httpx.AsyncClient, world: World, action: str, spec: object) -> None:
    answer = await page.post(f"/runs/team/going/{action}", headers=ORIGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/team/going?did={action}")
    change = {"spec": spec, "metadata": {"uid": "uid-team-going"}}  # of that very run
    assert world.asked[-1] == ("patch", FLOW_RUN, "team", "going", change)
    assert 'class="said"' in (await page.get(answer.headers["location"])).text


async def test_a_retry_is_a_new_run_that_is_shown_at_once(page: httpx.AsyncClient, world: World) -> None:
    answer = await page.post("/runs/team/over/retry", headers=ORIGIN)
    _, kind, namespace, made = world.asked[-1]
    assert (kind, namespace) == (FLOW_RUN, "team")
    assert made["metadata"]["name"].startswith("over-")
    assert "cancel" not in made["spec"]
    assert answer.headers["location"] == f"/runs/team/{made['metadata']['name']}?did=retry"
    assert (await page.get(answer.headers["location"])).status_code == 200


@pytest.mark.parametrize("action", ["cancel", "suspend", "resume"])
async def test_what_has_ended_is_left_alone(page: httpx.AsyncClient, world: World, action: str) -> None:
    answer = await page.post(f"/runs/team/over/{action}", headers=ORIGIN)
    assert (answer.status_code, "has ended already" in answer.text) == (409, True)
    assert world.asked[-1][0] == "watch"


async def test_a_schedule_is_suspended_and_resumed(page: httpx.AsyncClient, world: World) -> None:
    for action in ("suspend", "resume"):
        answer = await page.post(f"/schedules/team/daily/{action}", headers=ORIGIN)
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            f"/schedules/team/daily?did={action}",
        )
        change = {"spec": {"suspend": action == "suspend"}}
        assert world.asked[-1] == ("patch", FLOW_SCHEDULE, "team", "daily", change)
        assert 'class="said"' in (await page.get(answer.headers["location"])).text


async def test_a_schedule_is_triggered_and_its_run_shown_at_once(
    page: httpx.AsyncClient, world: World
) -> None:
    answer = await page.post("/schedules/team/daily/trigger", headers=ORIGIN)
    _, kind, namespace, made = world.asked[-1]
    assert (kind, namespace) == (FLOW_RUN, "team")
    assert made["metadata"]["name"].startswith("daily-manual-")
    assert made["metadata"]["labels"]["daskflow.dev/schedule"] == "daily"
    assert answer.headers["location"] == f"/runs/team/{made['metadata']['name']}?did=trigger"
    assert "started by hand" in (await page.get(answer.headers["location"])).text


@pytest.mark.parametrize("policy", ["Forbid", "Replace"])
async def test_no_run_is_triggered_beside_one_that_lives(
    page: httpx.AsyncClient, world: World, source: Source, policy: str
) -> None:
    source.put(FLOW_SCHEDULE, schedule("daily", spec={"concurrencyPolicy": policy}))
    live = run("live", phase="Running")
    owner = {"kind": "FlowSchedule", "name": "daily", "uid": "uid-team-daily", "controller": True}
    live["metadata"] |= {"labels": {"daskflow.dev/schedule": "daily"}, "ownerReferences": [owner]}
    world.beside[FLOW_RUN].append(live)
    answer = await page.post("/schedules/team/daily/trigger", headers=ORIGIN)
    assert (answer.status_code, "live of the schedule daily has not ended" in answer.text) == (409, True)
    assert policy in answer.text
    assert 'href="/schedules/team/daily"' in answer.text
    assert world.asked[-1] == ("list", FLOW_RUN, "team")


@pytest.mark.parametrize("name", ["nothing", "x%3Fy=1", "daily%3Ffield"])
async def test_a_schedule_that_is_not_known_is_not_asked_for(
    page: httpx.AsyncClient, world: World, name: str
) -> None:
    answer = await page.post(f"/schedules/team/{name}/suspend", headers=ORIGIN)
    assert answer.status_code == 404
    assert world.asked[-1][0] == "watch"


async def test_a_refusal_is_a_sentence_with_a_way_back(
    page: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object) -> None:
        raise Forbidden("me may not patch <b>flowruns</b>; ask for a role")

    monkeypatch.setattr(Known, "patch", refused)
    answer = await page.post("/runs/team/going/cancel", headers=ORIGIN)
    assert answer.status_code == 403
    assert "me may not patch &lt;b&gt;flowruns&lt;/b&gt;; ask for a role" in answer.text
    assert 'href="/runs/team/going"' in answer.text


@pytest.mark.parametrize(
    "path", ["/runs/team/going/delete", "/schedules/team/daily/retry", "/runs/team/going"]
)
async def test_nothing_else_can_be_asked_for(page: httpx.AsyncClient, world: World, path: str) -> None:
    answer = await page.post(path, headers=ORIGIN)
    assert answer.status_code in (404, 405)
    assert world.asked[-1][0] == "watch"


async def test_a_get_changes_nothing(page: httpx.AsyncClient, world: World, source: Source) -> None:
    assert (await page.get("/runs/team/going/cancel")).status_code == 404
    assert world.asked[-1][0] == "watch"
