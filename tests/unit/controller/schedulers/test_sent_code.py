"""The archive of a run's code, as it goes along with a claim."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.controller.schedulers import tells as module
from daskflow.controller.schedulers.sent_code import NotThere, archive
from daskflow.controller.schedulers.tells import Tells
from daskflow.plan.model import Key, Object
from daskflow.plan.question import Tell

RUN = Key("FlowRun", "data", "etl")
WORD = Tell("small-1", "s", "/v1/claim", {"run": "uid"}, ("code-0", "code-1"))
PARTS: dict[str, Object] = {
    "code-0": {"binaryData": {"part-001": base64.b64encode(b"second").decode()}},
    "code-1": {"binaryData": {"part-000": base64.b64encode(b"first,").decode()}, "data": {"part-002": "."}},
}


async def there(key: Key) -> Object:
    assert (key.kind, key.namespace) == ("ConfigMap", "data")
    if key.name not in PARTS:
        raise ApiError(404, "NotFound", f'configmaps "{key.name}" not found')
    return PARTS[key.name]


async def busy(key: Key) -> Object:
    raise ApiError(503, "ServiceUnavailable", "busy")


async def odd(key: Key) -> Object:
    return {"binaryData": {"a": "a"}}


async def empty(key: Key) -> Object:
    return {"binaryData": {".hidden": base64.b64encode(b"x").decode()}}


async def test_parts_are_joined_in_the_order_of_their_keys() -> None:
    assert base64.b64decode(await archive(there, "data", ("code-0", "code-1"))) == b"first,second."


async def test_what_is_not_there_is_named_and_what_may_pass_is_not_given_up() -> None:
    with pytest.raises(NotThere, match='ConfigMap gone cannot be read: configmaps "gone" not found'):
        await archive(there, "data", ("gone",))
    with pytest.raises(ApiError):
        await archive(busy, "data", ("code-0",))
    with pytest.raises(NotThere, match="ConfigMap odd is not base64"):
        await archive(odd, "data", ("odd",))
    with pytest.raises(NotThere, match="ConfigMap empty has no archive in it"):
        await archive(empty, "data", ("empty",))


@pytest.mark.parametrize(
    ("get", "code", "result", "why"),
    [
        (there, ("code-0", "code-1"), "Taken", ""),
        (there, ("gone",), "Lacking", "ConfigMap gone"),
        (busy, ("code-0",), "Unheard", ""),
    ],
)
async def test_a_claim_carries_it(
    monkeypatch: pytest.MonkeyPatch, get: Any, code: tuple[str, ...], result: str, why: str
) -> None:
    said: list[Tell] = []

    class Scheduler:
        async def tell(self, word: Tell) -> None:
            said.append(word)

        def close(self) -> None:
            pass

    async def dial(*_: object) -> Scheduler:
        return Scheduler()

    found = Store(changed=lambda key: None)
    monkeypatch.setattr(found, "get", lambda key: {})
    monkeypatch.setattr(module, "listener_of", lambda *_: ("s", None))
    told: list[Any] = []
    monkeypatch.setattr(found.reports, "report_told", lambda key, uid, told_, now: told.append(told_))
    word = Tell(WORD.cluster, WORD.scheduler, WORD.path, WORD.body, code)
    tells = Tells(found, b"", lambda: datetime.now(UTC), get, dial=dial)
    await tells.tell(RUN, "uid", word)
    ((answer,),) = (told,)
    assert (answer.tell, answer.result) == (word, result), "an answer is known by the word of the plan"
    assert answer.why.startswith(why)
    archives = [base64.b64decode(each.body["archive"]) for each in said]
    assert archives == ([b"first,second."] if result == "Taken" else [])
