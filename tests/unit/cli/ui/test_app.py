"""Pages and their parts as they are served: hostile text, long lists, faults."""

import asyncio
import re
import time
from html.parser import HTMLParser

import httpx
import pytest
from daskflow.api.names import FLOW_RUN, FLOW_SCHEDULE
from daskflow.cli.ui.source import Source
from daskflow.client.connection import ALL
from daskflow.client.errors import Forbidden

from tests.unit.cli.ui.story import HOSTILE, afternoon
from tests.unit.cli.ui.world import World, run

PAGES = [
    "/",
    "/?q=o&phase=Failed",
    "/runs/team/hostile",
    "/runs/team/orders-2026-11-27",
    "/runs/team/orders-2026-10-30",
    "/clusters",
    "/clusters/team/hostile",
    "/clusters/team/orders-2026-11-27-2",
    "/clusters/research/train-large-1",
    "/schedules",
    "/schedules/team/hostile",
    "/schedules/team/orders",
]


class Elements(HTMLParser):
    """Elements and attributes as a browser would find them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def ids(self) -> list[str]:
        return [str(each["id"]) for _, each in self.found if "id" in each]


@pytest.fixture
def world() -> World:
    return afternoon()


@pytest.mark.parametrize("path", PAGES)
async def test_no_text_becomes_markup(page: httpx.AsyncClient, path: str) -> None:
    answer = await page.get(path)
    assert answer.status_code == 200
    assert HOSTILE not in answer.text
    elements = Elements(answer.text).found
    assert not [each for tag, each in elements if any(name.startswith("on") for name in each)]
    assert [each.get("src") for tag, each in elements if tag == "script"] == ["/static/page.js"]
    assert not [each for _, each in elements if "style" in each]
    sources = [str(each["src"]) for _, each in elements if "src" in each]
    assert all(each.startswith(("/static/", "/runs/")) for each in sources)


async def test_hostile_text_is_shown_as_it_is(page: httpx.AsyncClient) -> None:
    text = (await page.get("/runs/team/hostile")).text
    assert text.count("&lt;script&gt;") >= 8, "image, flow, parameters, message, failure, result, attempt"
    assert "\u202e" not in text
    assert "\x1b" not in text


@pytest.mark.parametrize("path", PAGES)
async def test_no_id_is_given_twice_and_all_that_is_named_is_there(
    page: httpx.AsyncClient, path: str
) -> None:
    elements = Elements((await page.get(path)).text)
    ids = elements.ids()
    assert len(ids) == len(set(ids))
    for _, attributes in elements.found:
        for name in ("aria-labelledby", "list", "data-dialog"):
            assert str(attributes.get(name, ids[0])) in ids


@pytest.mark.parametrize("path", ["/clusters/team/hostile", "/schedules/team/hostile"])
async def test_hostile_text_of_a_cluster_and_a_schedule_is_shown_as_it_is(
    page: httpx.AsyncClient, path: str
) -> None:
    text = (await page.get(path)).text
    assert text.count("&lt;script&gt;") >= 2
    assert "\u202e" not in text


async def test_a_cluster_has_its_runs_groups_and_dashboard(page: httpx.AsyncClient, world: World) -> None:
    text = (await page.get("/clusters/team/orders-2026-11-27-2")).text
    assert re.findall(r'<tr id="run/([^"]+)"', text) == ["team/orders-2026-11-27"]
    assert 'href="/dashboards/team/orders-2026-11-27-2"' in text
    text = (await page.get("/clusters/research/train-large-1")).text
    assert "12 of 16 workers are there" in text
    assert "It serves no dashboard" in text
    for group in ("default", "gpu"):
        assert f'<th scope="row" role="rowheader">{group}</th>' in text


async def test_a_run_leads_to_its_cluster(page: httpx.AsyncClient) -> None:
    text = (await page.get("/runs/team/orders-2026-11-27")).text
    assert 'href="/clusters/team/orders-2026-11-27-2"' in text
    assert "is gone" in (await page.get("/runs/team/hostile")).text


async def test_an_attempt_says_what_it_had_of_its_pool(page: httpx.AsyncClient) -> None:
    text = (await page.get("/runs/team/orders-2026-11-27")).text
    assert "PoolEmpty, pool small: No cluster waits &lt;b&gt;." in text


async def test_a_schedule_has_its_ticks_and_runs(
    page: httpx.AsyncClient, world: World, source: Source
) -> None:
    made = run("orders-manual-a")
    made["metadata"]["labels"] = {"daskflow.dev/schedule": "orders"}
    source.put(FLOW_RUN, made)
    text = (await page.get("/schedules/team/orders")).text
    assert text.count('class="tick"') == 10
    assert re.findall(r'<tr id="run/([^"]+)"', text) == ["team/orders-manual-a"]
    assert "The next run begins at 2026-11-28 02:00 Europe/Berlin." in text
    suspended = (await page.get("/schedules/team/old-report")).text
    assert (suspended.count('class="tick"'), 'data-dialog="ask-resume"' in suspended) == (0, True)


async def test_fifty_runs_are_a_page_the_newest_first(page: httpx.AsyncClient) -> None:
    first = (await page.get("/")).text
    assert first.count('id="run/') == 50
    assert "1 to 50 of 69" in first
    assert first.index("just-made") < first.index("train-large") < first.index("orders-2026-10-30")
    second = (await page.get("/?page=2")).text
    assert second.count('id="run/') == 19
    assert 'rel="prev" href="/"' in second
    assert (await page.get("/?page=999999999")).text.count('id="run/') == 50, "no number: the first page"
    assert "51 to 69" in (await page.get("/?page=99")).text, "the last there is"


async def test_runs_are_found_by_name_namespace_and_phase(page: httpx.AsyncClient) -> None:
    async def found(query: str) -> list[str]:
        return re.findall(r'<tr id="run/([^"]+)"', (await page.get(f"/?{query}")).text)

    assert await found("q=FORECAST") == ["research/forecast-north"]
    assert set(await found("namespace=research")) == {"research/train-large", "research/forecast-north"}
    assert await found("phase=Retrying") == ["team/flaky-import"]
    assert await found("namespace=team&q=orders&phase=Failed") == ["team/orders-2026-11-26"]
    assert "No flowruns match." in (await page.get("/?q=nothing")).text


async def test_a_page_of_five_thousand_runs_is_light(
    page: httpx.AsyncClient, world: World, source: Source
) -> None:
    there = len(world.objects[FLOW_RUN])
    for number in range(5000):
        world.put(FLOW_RUN, run(f"run-{number:04}", phase="Succeeded", age=number))
    while len(source.feeds[FLOW_RUN].objects) < there + 5000:
        await asyncio.wait_for(source.after(source.version), 5)
    begun = time.perf_counter()
    answer = await page.get("/")
    assert time.perf_counter() - begun < 1
    assert f"of {there + 5000}" in answer.text
    assert answer.text.count("<tr ") == 51
    assert len(answer.content) < 80_000


async def test_a_run_that_is_not_there_is_said_to_be(page: httpx.AsyncClient) -> None:
    answer = await page.get("/runs/team/nothing")
    assert (answer.status_code, "There is no run nothing in namespace team" in answer.text) == (404, True)
    for path, noun in (("/clusters/team/nothing", "cluster"), ("/schedules/team/nothing", "schedule")):
        answer = await page.get(path)
        said = f"There is no {noun} nothing in namespace team" in answer.text
        assert (answer.status_code, said) == (404, True)
    for path in (
        "/nothing",
        "/clusters/team",
        "/clusters/Team/x",
        "/schedules/team/x/y",
        "/runs/team",
        "/runs/team/../x",
        "/runs/Team/x",
    ):
        assert (await page.get(path)).status_code == 404


async def test_a_stream_of_no_page_is_said_to_be(page: httpx.AsyncClient) -> None:
    answer = await page.get("/live", params={"page": "http://["})
    assert (answer.status_code, "page=http://[ is not the path of a page here" in answer.text) == (400, True)


@pytest.mark.parametrize("path", ["/static/nothing.js", "/static/..%2fapp.py", "/static/%2e%2e%2fapp.py"])
async def test_nothing_but_the_pages_own_files_is_served(page: httpx.AsyncClient, path: str) -> None:
    assert (await page.get(path)).status_code == 404


async def test_the_timeline_is_a_picture_without_scripts(page: httpx.AsyncClient) -> None:
    answer = await page.get("/runs/team/hostile/timeline.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in answer.text


@pytest.mark.parametrize("kind", [FLOW_SCHEDULE])
async def test_a_part_that_is_forbidden_is_named_on_its_page(
    world: World, page: httpx.AsyncClient, source: Source, kind: str
) -> None:
    assert "Nothing is known" not in (await page.get("/schedules")).text
    source.feeds[kind].objects.clear()
    source._trouble(kind, ALL, Forbidden("me may not list flowschedules"), forbidden=True)
    text = (await page.get("/schedules")).text
    assert "me may not list flowschedules" in text
    assert "Nothing is known of flowschedules" in text


async def test_a_run_has_its_report_and_the_one_before_it_beside(page: httpx.AsyncClient) -> None:
    text = (await page.get("/runs/team/orders-2026-10-30")).text
    assert 'class="plot"' in text
    assert 'href="/runs/team/orders-2026-10-30/report?against=orders-2026-10-29"' in text
    oldest = (await page.get("/runs/team/orders-2026-10-29")).text
    assert "against=" not in oldest
    assert 'id="report-title"' not in (await page.get("/runs/team/orders-2026-11-27")).text
    style = await page.get("/report.css")
    assert (style.headers["content-type"], style.text[:16]) == ("text/css; charset=utf-8", ".daskflow-report")


async def test_a_report_alone_is_a_page_in_which_nothing_runs(page: httpx.AsyncClient) -> None:
    answer = await page.get("/runs/team/orders-2026-10-30/report")
    assert answer.headers["content-security-policy"].startswith(
        "default-src 'none'; style-src 'unsafe-inline'"
    )
    assert answer.text.startswith("<!doctype html>")
    both = await page.get("/runs/team/orders-2026-10-30/report?against=orders-2026-10-29")
    assert both.text.count('class="plot"') == 2
    assert "What became slower" in both.text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/runs/team/nobody/report", "there is no run nobody"),
        ("/runs/team/orders-2026-11-27/report", "a report is written at its end"),
        ("/runs/team/orders-2026-10-30/report?against=no", "there is no run no "),
    ],
)
async def test_a_report_that_is_not_there_is_a_sentence(
    page: httpx.AsyncClient, path: str, said: str
) -> None:
    answer = await page.get(path)
    assert (answer.status_code, said in answer.text) == (404, True)
