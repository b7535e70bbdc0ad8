"""Who may ask."""

import httpx
import pytest
from daskflow.cli.ui.app import create
from daskflow.cli.ui.source import Source

from tests.unit.cli.ui.conftest import HOST, ORIGIN, TOKEN
from tests.unit.cli.ui.world import World, run


async def test_the_token_becomes_a_cookie_that_scripts_and_other_sites_do_not_have(
    stranger: httpx.AsyncClient,
) -> None:
    answer = await stranger.get("/", params={"token": TOKEN})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("daskflow-4711=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Domain" not in cookie
    assert TOKEN not in answer.text
    assert 'content="0; url=/"' in answer.text, "no redirect: that of a link elsewhere has no Strict cookie"
    assert (await stranger.get("/")).status_code == 200


@pytest.mark.parametrize("path", ["/", "/clusters", "/live?page=/", "/runs/team/x/timeline.svg", "/x"])
@pytest.mark.parametrize("query", [{}, {"token": ""}, {"token": "wrong"}])
async def test_without_it_nothing_is_told(
    stranger: httpx.AsyncClient, world: World, path: str, query: dict[str, str]
) -> None:
    answer = await stranger.get(path, params=query)
    assert answer.status_code == 403
    assert "token" in answer.text
    assert ". Copy the line" in answer.text
    assert "set-cookie" not in answer.headers


async def test_a_wrong_cookie_is_none(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/", headers={"Cookie": "daskflow-4711=wrong; daskflow-1=right"})
    assert answer.status_code == 403


async def test_what_the_browser_is_started_with_opens_the_page_once(source: Source) -> None:
    app = create(source, host=HOST, token=TOKEN, once="first")
    for status in (200, 403):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{HOST}") as client:
            assert (await client.get("/", params={"token": "first"})).status_code == status
            assert (await client.get("/")).status_code == status


async def test_cookies_of_others_do_not_hide_ours(stranger: httpx.AsyncClient) -> None:
    cookies = f'a={{"x":[1]}}; b c=\x01; daskflow-4711={TOKEN}; d="'
    assert (await stranger.get("/", headers={"Cookie": cookies})).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.test:4711", "localhost:4711", "127.0.0.1", "127.0.0.1:80", f"{HOST}.evil.test", "[::1]:4711", ""],
)
async def test_another_name_for_this_machine_is_refused(page: httpx.AsyncClient, host: str) -> None:
    answer = await page.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert HOST in answer.text


async def test_two_hosts_are_refused(page: httpx.AsyncClient) -> None:
    request = page.build_request("GET", "/")
    request.headers = httpx.Headers([*request.headers.raw, (b"Host", b"evil.test")])
    assert (await page.send(request)).status_code == 421


@pytest.mark.parametrize(
    "origin",
    ["http://evil.test", "null", "http://127.0.0.1:9999", "http://localhost:4711", f"https://{HOST}", None],
)
async def test_what_changes_something_comes_from_the_page_itself(
    page: httpx.AsyncClient, world: World, origin: str | None
) -> None:
    world.put("FlowRun", run("a", phase="Running"))
    headers = {} if origin is None else {"Origin": origin}
    answer = await page.post("/runs/team/a/cancel", headers=headers)
    assert answer.status_code == 403
    assert not [each for each in world.asked if each[0] == "patch"]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_others_may_link_to_the_page_and_not_read_it(page: httpx.AsyncClient, site: str) -> None:
    link = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
    assert (await page.get("/", headers=link)).status_code == 200
    for mode in ("no-cors", "cors", "same-origin", "websocket"):
        asked = await page.get("/live?page=/", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode})
        assert asked.status_code == 403


@pytest.mark.parametrize("path", ["/", "/clusters", "/nothing", "/static/page.js", "/?token=wrong"])
async def test_answers_say_what_a_browser_may_do_with_them(page: httpx.AsyncClient, path: str) -> None:
    headers = (await page.get(path)).headers
    policy = dict(each.strip().split(" ", 1) for each in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["form-action"] == "'self'"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] in ("no-store", "no-cache")
    assert "access-control-allow-origin" not in headers


async def test_the_page_itself_may_change_something(page: httpx.AsyncClient, world: World) -> None:
    world.put("FlowRun", run("a", phase="Running"))
    answer = await page.post("/runs/team/nothing/cancel", headers=ORIGIN)
    assert answer.status_code == 404
