"""Says what plans tell schedulers, each word once over a connection of its own; `apply` waits for it.

What came of it goes to the store. Nothing is said twice in here: the next plan holds the word again, if it is
still wanted, once it is time.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Literal, Protocol

from daskflow.api.names import DASK_CLUSTER
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.controller.schedulers.answers import ControlError
from daskflow.controller.schedulers.sent_code import Get, NotThere, archive
from daskflow.controller.schedulers.targets import listener_of
from daskflow.controller.schedulers.wire import Connection, Listener, Overruled
from daskflow.plan.model import Key
from daskflow.plan.question import Tell, Told

log = logging.getLogger(__name__)


class Heard(Protocol):
    """A connection to a scheduler's listener (`wire.Connection`)."""

    async def tell(self, word: Tell) -> None:
        """See Connection."""

    def close(self) -> None:
        """Hang up."""


Dial = Callable[[Listener, bytes], Awaitable[Heard]]
Result = Literal["Taken", "Refused", "Unheard", "Lacking"]


class Tells:
    """`now` is the wall clock, `get` reads the code that goes along. `allowed`: whether this operator leads:
    else nobody is told anything."""

    def __init__(
        self,
        store: Store,
        root_key: bytes,
        now: Callable[[], datetime],
        get: Get,
        *,
        dial: Dial = Connection.dial,
        allowed: Callable[[], bool] = lambda: True,
    ) -> None:
        self._store = store
        self._root_key = root_key
        self._now = now
        self._get = get
        self._dial = dial
        self._allowed = allowed

    async def tell(self, key: Key, uid: str, word: Tell) -> None:
        """Say a word of the plan of the object with this key and uid, whatever its scheduler does."""
        result, why = await self._result(key, word)
        told = Told(word, result, self._now(), why=why)
        self._store.reports.report_told(key, uid, told, asyncio.get_running_loop().time())

    async def _result(self, key: Key, word: Tell) -> tuple[Result, str]:
        cluster = self._store.get(Key(DASK_CLUSTER, key.namespace, word.cluster))
        found = listener_of(self._store, cluster) if cluster is not None else None
        if found is None or found[0] != word.scheduler or not self._allowed():
            return "Unheard", ""
        try:
            if word.code:
                code = await archive(self._get, key.namespace, word.code)
                word = replace(word, body={**word.body, "archive": code})
            connection = await self._dial(found[1], self._root_key)
            try:
                await connection.tell(word)
            finally:
                connection.close()
        except Overruled as error:
            return "Refused", str(error)
        except NotThere as error:
            return "Lacking", str(error)
        except (ControlError, ApiError) as error:
            log.info(
                "the scheduler of %s/%s was not told %s: %s", key.namespace, word.cluster, word.path, error
            )
            return "Unheard", str(error)
        return "Taken", ""
