"""The root key is found, made, or waited for. That two operators have the same is tried by test_main.py."""

from random import Random
from typing import Any

import pytest
from daskflow.controller.kubernetes.root_key import NAME, root_key
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.plan.model import Key, Object

from tests.simulation import loop
from tests.simulation.kubernetes.api_server import Server


class Failing:
    """An API server whose first answers are these errors."""

    def __init__(self, *errors: ApiError) -> None:
        self.errors, self.server = list(errors), Server(Random(0))

    async def get(self, key: Key) -> Object:
        self._fail()
        return self.server.get(key)

    async def create(self, body: Object) -> Object:
        self._fail()
        return self.server.create(body)

    def _fail(self) -> None:
        if self.errors:
            raise self.errors.pop(0)


def asked(api: Any) -> bytes:
    """In virtual time."""
    return loop.run(root_key(api, "daskflow-system"))


def missing() -> ApiError:
    """There is none yet."""
    return ApiError(404, "NotFound")


def test_an_api_server_that_fails_for_a_while_is_waited_for() -> None:
    """A process that starts while the API server does would else end, and wait for longer each time."""
    passing = [ApiError(429, retry_after=5.0), ApiError(500), ApiError(503), ApiError(504), ApiError(0)]

    async def twice() -> None:
        api: Any = Failing(*passing, missing(), *passing)
        key = await root_key(api, "daskflow-system")
        assert len(key) == 32
        assert await root_key(api, "daskflow-system") == key
        assert set(api.server.objects) == {Key("Secret", "daskflow-system", NAME)}

    loop.run(twice())


RIGHTLESS = 'secrets "daskflow-root-key" is forbidden: User "x" cannot get resource "secrets" in API group ""'


def test_a_right_that_an_api_server_does_not_know_of_yet_is_waited_for() -> None:
    """One that has just begun refuses everybody for a moment."""
    assert len(asked(Failing(*[ApiError(403, "Forbidden", RIGHTLESS)] * 3))) == 32


@pytest.mark.parametrize(
    "error",
    [ApiError(401, "Unauthorized"), ApiError(403, "Forbidden", RIGHTLESS), ApiError(403, "Forbidden")],
)
def test_a_refusal_that_stays_ends_it(error: ApiError) -> None:
    with pytest.raises(ApiError) as raised:
        asked(Failing(*[error] * 100))
    assert raised.value.status == error.status
