"""Code in ConfigMaps: sent once, there for each run that names it, and gone with the last."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from daskflow.client.code.archive import Archive
from daskflow.client.code.config_maps import HELD, create_run
from daskflow.client.code.project import with_code
from daskflow.client.errors import Forbidden, WrongUse

from .api import Api

CODE = Archive(b"x" * 1_500_000, 1)
PARTS = list(CODE.parts)


def run(name: str) -> dict[str, Any]:
    return with_code({"metadata": {"name": name}, "spec": {"flow": {"entrypoint": "etl.py:flow"}}}, CODE)


async def test_it_is_sent_once_and_owned_by_each_run() -> None:
    api = Api()
    await create_run(api, run("one"), "data", CODE)
    assert api.names("ConfigMap") == PARTS
    api.requests.clear()
    await create_run(api, run("two"), "data", CODE)
    assert "POST ConfigMap" not in api.requests
    for name in PARTS:
        found = api.objects["ConfigMap", name]
        assert (api.owners(name), found["immutable"]) == (["one", "two"], True)
        assert HELD not in found["metadata"]["annotations"]
    api.end("one")
    assert api.names("ConfigMap") == PARTS
    api.end("two")
    assert api.names("ConfigMap") == []


async def test_a_run_without_code_and_a_trial_send_nothing() -> None:
    api = Api()
    plain = {"metadata": {"name": "plain"}, "spec": {"flow": {"script": "result = 1"}}}
    await create_run(api, plain, "data", None)
    await create_run(api, run("trial"), "data", CODE, dry_run=True)
    assert (api.requests, api.names("FlowRun")) == (["POST FlowRun"] * 2, ["plain"])


@pytest.mark.parametrize("at", range(12))
async def test_whenever_the_last_run_before_it_ends_it_has_its_code(at: int) -> None:
    api = Api()
    await create_run(api, run("one"), "data", CODE)
    api.requests.clear()

    def between(request: str) -> None:
        if len(api.requests) == at and ("FlowRun", "one") in api.objects:
            api.end("one")
        # It is there from before the run exists; also for a sender that would be gone by now.
        if ("FlowRun", "two") in api.objects:
            assert api.names("ConfigMap") == PARTS

    api.between = between
    await create_run(api, run("two"), "data", CODE)
    between("")
    assert set(api.names("ConfigMap")) == set(PARTS)
    assert all("two" in api.owners(name) for name in PARTS)


@pytest.mark.parametrize("failing", ["PATCH ConfigMap", "LIST ConfigMap"])
async def test_a_run_that_was_created_is_given_whatever_fails_after_it(
    failing: str, caplog: pytest.LogCaptureFixture
) -> None:
    api = Api()

    def fail(request: str) -> None:
        if request == failing and ("FlowRun", "one") in api.objects:
            raise Forbidden("you may not")

    api.between = fail
    created = await create_run(api, run("one"), "data", CODE)
    assert created["metadata"]["uid"] == api.objects["FlowRun", "one"]["metadata"]["uid"]
    assert [record.args[:2] for record in caplog.records if record.levelname == "WARNING"] == [
        ("one", name) for name in PARTS if failing == "PATCH ConfigMap"
    ]


async def test_code_that_somebody_removes_is_sent_again() -> None:
    api = Api()

    def between(request: str) -> None:
        if request == "PATCH ConfigMap":
            api.objects.pop(("ConfigMap", PARTS[0]), None)
            api.between = lambda request: None

    api.between = between
    await create_run(api, run("one"), "data", CODE)
    assert [api.owners(name) for name in sorted(PARTS)] == [["one"], ["one"]]


async def test_a_run_like_one_whose_code_is_gone_is_refused() -> None:
    api = Api()
    with pytest.raises(WrongUse, match="is gone with the last run that used it; run it from its files again"):
        await create_run(api, run("again"), "data", None)
    assert not api.objects


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("used", [False, True])
async def test_what_an_interrupted_sender_left_is_seen_to_after_an_hour(held: bool, used: bool) -> None:
    api = Api()
    long_ago = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    if held:
        await create_run(api, run("before"), "data", CODE)

    def interrupted(request: str) -> None:
        if request == "PATCH ConfigMap" and ("FlowRun", "lost") in api.objects:
            raise KeyboardInterrupt

    api.between = interrupted
    with pytest.raises(KeyboardInterrupt):
        await create_run(api, run("lost"), "data", CODE)
    api.between = lambda request: None
    for run_name in ["before"] * held + ["lost"] * (not used):
        api.end(run_name)
    assert set(api.names("ConfigMap")) == set(PARTS)

    other = {"metadata": {"name": "other"}, "spec": {"flow": {"entrypoint": "etl.py:flow"}}}
    small = Archive(b"y", 1)
    await create_run(api, with_code(other, small), "data", small)
    assert set(PARTS) <= set(api.names("ConfigMap")), "too early"
    for name in PARTS:
        metadata = api.objects["ConfigMap", name]["metadata"]
        metadata["creationTimestamp"] = long_ago
        if HELD in metadata.get("annotations", ()):
            metadata["annotations"][HELD] = long_ago
    await create_run(api, {**with_code(other, small), "metadata": {"name": "third"}}, "data", small)
    if used:
        assert [[each for each in api.owners(name) if each != "before"] for name in PARTS] == [["lost"]] * 2
        api.end("lost")
    assert not set(PARTS) & set(api.names("ConfigMap"))
