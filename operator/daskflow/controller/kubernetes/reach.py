"""Which namespaces of its list the operator can look after: those in which it may list what it needs.

One that does not exist yet, or is gone, has no Role of ours, and the API server refuses everything there:
kopf would end the process for it, and the others would wait for its first list for ever.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from contextlib import aclosing, suppress

from kopf._cogs.clients.errors import APIForbiddenError as Forbidden

from daskflow.controller.kubernetes.kinds import CHILDREN, CONFIG_MAPS, CUSTOM
from daskflow.controller.kubernetes.verbs import Api, ApiError

log = logging.getLogger(__name__)

__all__ = ["Forbidden", "until_it_changes", "within_reach"]

SECONDS = 10.0
"""Between two looks at all of them."""
MOST_SECONDS = 10.0
"""For a namespace at a beginning: nobody hears of the process's life before it is over."""
NOTHING = "daskflow-reach"
"""A name that nothing has: what is asked is only whether one may ask, and a server reads nothing for it."""
LISTED = (*CUSTOM, *CHILDREN, CONFIG_MAPS)


async def within_reach(
    api: Api, namespaces: Sequence[str], kinds: Collection[str] = LISTED
) -> tuple[str, ...]:
    """Those of them where every kind may be listed, in their order.

    A server that is ill, or answers late, is no refusal.
    """
    refusals = await asyncio.gather(*(_refusal(api, namespace, kinds) for namespace in namespaces))
    for namespace, refusal in zip(namespaces, refusals, strict=True):
        if refusal:
            log.warning(
                "namespace %s is left out until there is a Role of the operator: %s", namespace, refusal
            )
    return tuple(name for name, refusal in zip(namespaces, refusals, strict=True) if not refusal)


async def until_it_changes(
    api: Api, namespaces: Sequence[str], served: Sequence[str], kinds: Collection[str] = LISTED
) -> None:
    """Ends when one that is not served has come within reach, or all is refused in one that is served."""
    while True:
        await asyncio.sleep(SECONDS)
        for namespace in namespaces:
            if namespace not in served and not await _refusal(api, namespace, kinds):
                log.info("namespace %s is within reach", namespace)
                return
            if namespace in served and await _all_refused(api, namespace, kinds):
                log.info("namespace %s is out of reach", namespace)
                return


async def _all_refused(api: Api, namespace: str, kinds: Collection[str]) -> bool:
    """Whether the Role is gone. One right that is missing is told of in the status of what waits for it."""
    for kind in kinds:
        if not await _kind_refused(api, namespace, kind):
            return False
    return True


async def _refusal(api: Api, namespace: str, kinds: Collection[str]) -> str:
    """In the API server's words; empty where all may be listed."""
    with suppress(TimeoutError):
        async with asyncio.timeout(MOST_SECONDS):
            for kind in kinds:
                if refused := await _kind_refused(api, namespace, kind):
                    return refused
    return ""


async def _kind_refused(api: Api, namespace: str, kind: str) -> str:
    try:
        async with aclosing(api.pages(kind, namespace, name=NOTHING)) as pages:
            async for _ in pages:
                break
    except ApiError as error:
        if error.rightless:
            return error.message
    return ""
