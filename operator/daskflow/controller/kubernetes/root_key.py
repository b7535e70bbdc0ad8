"""The root key: 32 random bytes in one Secret of the operator's own namespace.

Every cluster's keys are derived from it, so that a restarted operator has them again without the right to
read anybody's Secrets. Whoever can read this one can speak to every cluster.
"""

import asyncio
import base64
import logging
import os

from daskflow.api.names import LABEL_MANAGED_BY, MANAGED_BY
from daskflow.controller.kubernetes.verbs import Api, ApiError
from daskflow.plan.model import Key

log = logging.getLogger(__name__)

NAME = "daskflow-root-key"
FIELD = "key"
BYTES = 32
LONGEST_SECONDS = 30.0
"""Between two tries; the first comes after one second."""
RIGHTLESS_SECONDS = 60.0
"""For so long a missing right is waited for: an API server that has just begun does not know of it yet."""


async def root_key(api: Api, namespace: str) -> bytes:
    """The key, made if there is none yet: nothing can be done without it, so it is waited for.

    Raises ApiError where waiting is of no use, or ValueError for a Secret that is not ours.
    """
    wait, loop = 1.0, asyncio.get_running_loop()
    until = loop.time() + RIGHTLESS_SECONDS
    while True:
        try:
            return await _found_or_made(api, namespace)
        except ApiError as error:
            if not error.passing and not (error.rightless and loop.time() < until):
                raise
            seconds = max(wait, min(error.retry_after or 0.0, LONGEST_SECONDS))
            log.warning("Secret %s: %s; again in %.0f s", NAME, error, seconds)
            await asyncio.sleep(seconds)
            wait = min(2 * wait, LONGEST_SECONDS)


async def _found_or_made(api: Api, namespace: str) -> bytes:
    key = Key("Secret", namespace, NAME)
    try:
        return _read(await api.get(key))
    except ApiError as error:
        if error.status != 404:
            raise
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": NAME, "namespace": namespace, "labels": {LABEL_MANAGED_BY: MANAGED_BY}},
        "immutable": True,
        "data": {FIELD: base64.b64encode(os.urandom(BYTES)).decode()},
    }
    try:
        return _read(await api.create(body))
    except ApiError as error:
        if not error.taken:
            raise
    return _read(await api.get(key))


def _read(secret: object) -> bytes:
    data = secret.get("data") if isinstance(secret, dict) else None
    value = base64.b64decode((data or {}).get(FIELD, ""))
    if len(value) != BYTES:
        raise ValueError(
            f"Secret {NAME} has no {BYTES} bytes under {FIELD!r}; delete it to have it made again"
        )
    return value
