"""The page as a person meets it: live, by keyboard, in every window, with questions before changes."""

import re

import pytest
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.cli.browser import leading_to
from daskflow.cli.tables.ages import elapsed
from daskflow.client.api_server import Unreachable
from playwright.sync_api import Browser, Page, expect

from tests.ui.browser import Served
from tests.ui.conftest import Open
from tests.ui.pictures import opened
from tests.unit.cli.ui.world import World, run, schedule

RUN = "/runs/team/orders-2026-11-27"


def names(page: Page) -> list[str]:
    return page.locator("#runs tr th a").all_inner_texts()


def test_the_address_alone_opens_nothing(chromium: Browser, served: Served) -> None:
    page = chromium.new_page()
    page.goto(served.address.partition("?")[0])
    expect(page.get_by_role("heading")).to_have_text("Open the whole address")
    page.goto(served.address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Runs")
    assert "token" not in page.url
    assert page.evaluate("document.cookie") == ""
    page.context.close()


def test_runs_come_change_and_go_without_a_reload(open_page: Open, served: Served, world: World) -> None:
    page = open_page()
    page.evaluate("window.same = true")
    served.call(lambda: world.put(FLOW_RUN, run("brand-new", phase="Running", age=-1)))
    expect(page.locator("#runs tr").first).to_contain_text("brand-new")
    progress = {"done": 3, "total": 7}
    served.call(lambda: world.put(FLOW_RUN, run("brand-new", phase="Running", age=-1, progress=progress)))
    expect(page.locator("#runs tr").first.locator("progress")).to_have_attribute("value", "3")
    expect(page.locator("#runs tr")).to_have_count(50)
    served.call(lambda: world.remove(FLOW_RUN, run("brand-new")))
    expect(page.locator("#runs tr").first).to_contain_text("just-made")
    assert page.evaluate("window.same"), "it was not loaded again"


def test_a_row_that_changes_keeps_the_keyboard(open_page: Open, served: Served, world: World) -> None:
    page = open_page()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="train-large")).to_be_focused()
    served.call(lambda: world.put(FLOW_RUN, run("train-large", "research", "Running", age=95)))
    expect(page.locator("#runs tr", has_text="train-large")).to_contain_text("Running")
    expect(page.get_by_role("link", name="train-large")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("train-large")


def test_everything_can_be_reached_by_keys(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    for key, heading in (("c", "Clusters"), ("s", "Schedules"), ("r", "Runs")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(re.compile(r"/(clusters|schedules)?$"))
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        page.wait_for_load_state()
    page.keyboard.press("n")
    expect(page.locator("#pages")).to_contain_text("51 to 69")
    page.wait_for_load_state()
    page.keyboard.press("p")
    expect(page.locator("#pages")).to_contain_text("1 to 50")
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type("jgforecast")
    expect(page.locator("#search")).to_have_value("jgforecast")
    page.locator("#search").fill("forecast")
    page.keyboard.press("Enter")
    expect(page.locator("#runs tr")).to_have_count(1)
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.get_by_label("Keys of one letter are on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("body")).to_be_focused()


def test_what_has_the_keyboard_is_seen(open_page: Open) -> None:
    page = open_page(RUN)
    for _ in range(25):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "(() => { const s = getComputedStyle(document.activeElement);"
            " return [document.activeElement.tagName, s.outlineStyle, parseFloat(s.outlineWidth)]; })()"
        )
        assert style[0] == "BODY" or (style[1] != "none" and style[2] >= 2), style


def test_nothing_is_changed_without_a_question(open_page: Open, world: World) -> None:
    page = open_page(RUN)
    page.get_by_role("button", name="Cancel").click()
    question = page.get_by_role("dialog", name="Cancel orders-2026-11-27?")
    expect(question.get_by_role("button", name="Leave it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    page.get_by_role("button", name="Cancel").click()
    question.get_by_role("button", name="Leave it").click()
    assert not [each for each in world.asked if each[0] == "patch"]
    page.get_by_role("button", name="Cancel").click()
    question.get_by_role("button", name="Cancel the run").click()
    expect(page.get_by_role("status").filter(has_text="It is asked to end.")).to_be_visible()
    expect(page.locator("#summary")).to_contain_text("is being cancelled")
    (patch,) = (each for each in world.asked if each[0] == "patch")
    assert patch[3:] == (
        "orders-2026-11-27",
        {"spec": {"cancel": True}, "metadata": {"uid": "uid-team-orders-2026-11-27"}},
    )


def test_a_retry_leads_to_the_new_run(open_page: Open) -> None:
    page = open_page("/runs/team/orders-2026-11-26")
    page.get_by_role("button", name="Retry").click()
    page.get_by_role("button", name="Start the new run").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("orders-2026-11-26-......"))


def test_a_schedule_is_suspended_in_the_list_and_resumed_on_its_page(open_page: Open, world: World) -> None:
    page = open_page("/schedules")
    page.get_by_role("button", name="Suspend heartbeat").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("heartbeat starts no run")
    question.get_by_role("button", name="Suspend the schedule").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("heartbeat")
    expect(page.locator(".said")).to_contain_text("starts no run until it is resumed")
    page.wait_for_load_state()
    page.get_by_role("button", name="Resume …").click()
    page.get_by_role("dialog").get_by_role("button", name="Resume the schedule").click()
    expect(page.get_by_role("button", name="Suspend …")).to_be_visible()
    asked = [each[3:] for each in world.asked if each[0] == "patch"]
    assert asked == [("heartbeat", {"spec": {"suspend": each}}) for each in (True, False)]


def test_a_run_of_a_schedule_is_started_by_hand(open_page: Open, world: World) -> None:
    page = open_page("/schedules")
    page.get_by_role("link", name="orders", exact=True).click()
    expect(page.locator("#ticks time")).to_have_count(10)
    page.wait_for_load_state()
    page.get_by_role("button", name="Start a run now").click()
    page.get_by_role("dialog").get_by_role("button", name="Start the run").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("orders-manual-........"))
    assert [each[1:3] for each in world.asked if each[0] == "create"] == [("FlowRun", "team")]


def test_a_cluster_is_found_from_its_run_and_left_by_a_key(open_page: Open) -> None:
    page = open_page(RUN)
    page.get_by_role("link", name="orders-2026-11-27-2").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("orders-2026-11-27-2")
    expect(page.locator("#runs a[data-row]")).to_have_text("orders-2026-11-27")
    page.wait_for_load_state()
    page.keyboard.press("u")
    expect(page.get_by_role("heading", level=1)).to_have_text("Clusters")


def test_a_log_is_text_and_is_followed(open_page: Open, served: Served, world: World) -> None:
    page = open_page(RUN)
    log = page.get_by_role("log")
    expect(log).to_contain_text("WARNING an order without a price: <img src=x onerror=")
    assert page.locator("#log img, #log script").count() == 0
    printed = world.logs["orders-2026-11-27-2-runner"]
    served.call(lambda: printed.print(*(f"more {number}" for number in range(400)), "the newest"))
    expect(log).to_contain_text("the newest")
    assert page.evaluate("log.scrollHeight - log.scrollTop - log.clientHeight") < 8
    page.get_by_label("follow").uncheck()
    page.evaluate("log.scrollTop = 0")
    served.call(lambda: printed.print("later"))
    expect(log).to_contain_text("later")
    assert page.evaluate("log.scrollTop") == 0
    page.locator("#attempts a").last.click()
    expect(page.get_by_role("log")).to_contain_text("part 2 of 96 is done")
    expect(page.get_by_role("log")).not_to_contain_text("the newest")


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/runs/team/hostile", "/clusters", "/clusters/team/hostile", "/schedules"),
        "/schedules/team/hostile",
    ],
)
def test_strangers_text_does_nothing(open_page: Open, path: str) -> None:
    page = open_page(path)
    assert "pwned" not in page.title()
    assert page.locator("main script").count() == 0


def test_a_script_that_got_in_would_not_run(chromium: Browser, served: Served) -> None:
    page = chromium.new_page()
    page.goto(served.address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Runs")
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=`pwned`\">');"
        "const script = document.createElement('script'); script.text = 'document.title=`pwned`';"
        "document.body.append(script)"
    )
    page.wait_for_function("document.images.length > 0")
    assert "pwned" not in page.title()
    page.context.close()


def test_a_server_that_is_away_is_said_to_be_and_comes_back(
    open_page: Open, served: Served, world: World
) -> None:
    page = open_page()
    served.call(lambda: world.away(Unreachable("https://example.test cannot be reached: no answer in time")))
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(page.locator("#state")).to_contain_text("away")
    expect(page.locator("#runs tr")).to_have_count(50)

    def back() -> None:
        for kind in (FLOW_RUN, DASK_CLUSTER, FLOW_SCHEDULE):
            world.put(kind, run("back") if kind != FLOW_SCHEDULE else schedule("back"))

    served.call(back)
    expect(page.locator("#state")).to_contain_text("live")
    expect(page.get_by_role("alert")).to_be_empty()


def test_a_page_whose_program_has_ended_says_so(chromium: Browser, world: World) -> None:
    served = Served(world.source)
    page = opened(chromium, served.address)
    served.close()
    expect(page.locator("#state")).to_contain_text("the program has ended")
    page.context.close()


def test_a_tab_that_nobody_sees_asks_for_nothing(open_page: Open, served: Served, world: World) -> None:
    page = open_page()
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    served.call(lambda: world.put(FLOW_RUN, run("unseen", age=-1)))
    with page.expect_response(lambda answer: "/live" in answer.url):
        assert "unseen" not in names(page)
        page.evaluate(
            "Object.defineProperty(document, 'hidden', {value: false});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
    expect(page.locator("#runs tr").first).to_contain_text("unseen")


def test_ages_are_those_of_the_command(open_page: Open) -> None:
    seconds = [0, 59.9, 119, 120, 599, 600, 10_799, 10_800, 30_000, 172_799, 172_800, 9_000_000]
    script = f"import('/static/ages.js').then((ages) => {seconds}.map(ages.elapsed))"
    assert open_page().evaluate(script) == [elapsed(each) for each in seconds]


def test_the_file_that_a_browser_is_started_with_opens_the_page(chromium: Browser, served: Served) -> None:
    window = chromium.new_context()
    page = window.new_page()
    with leading_to(served.once) as file:
        page.goto(file)
        page.wait_for_selector('#state[data-state="live"]')
    assert page.url == served.address.partition("?")[0]
    window.close()
