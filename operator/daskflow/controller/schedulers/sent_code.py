"""The code that came with a run, for a cluster that has waited: its pods cannot mount it any more.

Read when it is told, and kept nowhere: what plans hold are the names of its ConfigMaps.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence

from daskflow.controller.kubernetes.kinds import CONFIG_MAPS
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.plan.model import Key, Object

Get = Callable[[Key], Awaitable[Object]]


class NotThere(Exception):
    """It cannot be had, and will not be; with a sentence."""


async def archive(get: Get, namespace: str, names: Sequence[str]) -> str:
    """The archive in base64, joined as the kubelet and `runtime.unpack` do: all keys in their order.

    Raises NotThere, and ApiError for what may pass.
    """
    parts: dict[str, bytes] = {}
    for name in names:
        try:
            body = await get(Key(CONFIG_MAPS, namespace, name))
        except ApiError as error:
            if error.passing:
                raise
            raise NotThere(f"ConfigMap {name} cannot be read: {error.message or error.reason}") from error
        parts |= _data(name, body)
    data = b"".join(parts[key] for key in sorted(parts) if not key.startswith("."))
    if not data:
        raise NotThere(f"ConfigMap {', '.join(names)} has no archive in it")
    return base64.b64encode(data).decode()


def _data(name: str, body: Object) -> dict[str, bytes]:
    try:
        binary = {key: base64.b64decode(value) for key, value in (body.get("binaryData") or {}).items()}
    except binascii.Error as error:
        raise NotThere(f"ConfigMap {name} is not base64: {error}") from error
    return {**binary, **{key: value.encode() for key, value in (body.get("data") or {}).items()}}
