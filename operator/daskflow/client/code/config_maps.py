"""The archive of a run's code in ConfigMaps, and the runs that own them.

They have names of their content, so the same code is sent once, and each run that uses them is one of their
owners: Kubernetes removes them with the last. From before a run exists until it is an owner, nothing removes
them: one that was just made has no owner, whose end could, and one that was there is made its own owner for
that time (docs/architecture.md).
"""

import base64
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any

from daskflow.api.names import API_VERSION, FLOW_RUN, GROUP
from daskflow.client.code.archive import PREFIX, Archive, key
from daskflow.client.connection import Connection, Object
from daskflow.client.errors import AlreadyExists, DaskflowError, NotFound, Refused, WrongUse

log = logging.getLogger("daskflow")
LABEL = f"{GROUP}/code"
"""On each of the ConfigMaps: which archive it is a part of."""
HELD = f"{GROUP}/held-since"
"""Annotation of one that is its own owner."""
UNOWNED = timedelta(hours=1)
"""How old one is that no run will come to own: whoever sent it was interrupted."""
_TRIES = 3
_AGAIN = "ConfigMap {} is removed as often as it is made; see what else removes ConfigMaps"
_METADATA = {"Accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}
"""Without data, of which there may be 1 MiB."""
_METADATA_LIST = {"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}


async def create_run(
    connection: Connection, run: Object, namespace: str, code: Archive | None, *, dry_run: bool = False
) -> Object:
    """The run as it was created, with its code in place. Raises as Connection.create, and WrongUse for a run
    that names code which is no longer there."""
    names = _named(run)
    if dry_run or not names:
        return await connection.create(FLOW_RUN, run, namespace, dry_run=dry_run)
    parts = code.parts if code else {}
    held = {name: await _hold(connection, namespace, name, parts) for name in names}
    created = await connection.create(FLOW_RUN, run, namespace)
    # From here on the run is there: who heard of an error would submit it once more.
    for name, uid in held.items():
        try:
            await _own(connection, created, name, parts, uid)
        except DaskflowError as error:
            log.warning(
                "the run %s was created, but its code, ConfigMap %s, may be removed before it starts: %s",
                created["metadata"]["name"],
                name,
                error,
            )
    try:
        await _clean(connection, namespace)
    except DaskflowError as error:
        log.debug("code that nobody uses was not looked for: %s", error)
    return created


def _named(run: Object) -> list[str]:
    """The ConfigMaps of code that its spec names."""
    sources = ((run["spec"].get("flow") or {}).get("files") or {}).get("sources") or ()
    names = [str((source.get("configMapRef") or {}).get("name")) for source in sources]
    return [name for name in names if name.startswith(PREFIX)]


async def _hold(connection: Connection, namespace: str, name: str, parts: Mapping[str, bytes]) -> str:
    """See to it that it is there and stays. Its uid if it was there, and is its own owner from here on."""
    for _ in range(_TRIES):
        with suppress(NotFound):
            there = await connection.send("GET", "ConfigMap", name, namespace, headers=_METADATA)
            uid = str(there["metadata"]["uid"])
            owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": uid}
            held = {HELD: datetime.now(timezone.utc).isoformat()}
            await _patch(connection, namespace, name, {"ownerReferences": [owner], "annotations": held})
            return uid
        with suppress(AlreadyExists):
            await connection.create("ConfigMap", _config_map(name, parts), namespace)
            return ""
    raise Refused(_AGAIN.format(name))


async def _own(
    connection: Connection, run: Object, name: str, parts: Mapping[str, bytes], held: str = ""
) -> None:
    """Make the run one of its owners, and `held`, its own uid, none; of a new one if somebody removed it."""
    meta = run["metadata"]
    owner = {"apiVersion": API_VERSION, "kind": FLOW_RUN, "name": meta["name"], "uid": meta["uid"]}
    released = [{"$patch": "delete", "uid": held}] if held else []
    change: Object = {"ownerReferences": [*released, owner], "annotations": {HELD: None}}
    for _ in range(_TRIES):
        with suppress(NotFound):
            await _patch(connection, meta["namespace"], name, change)
            return
        with suppress(AlreadyExists):
            again = _config_map(name, parts)
            again["metadata"]["ownerReferences"] = [owner]
            await connection.create("ConfigMap", again, meta["namespace"])
            return
    raise Refused(_AGAIN.format(name))


async def _patch(connection: Connection, namespace: str, name: str, metadata: Object) -> None:
    """Owners are added to those that there are, not put in their place."""
    content = {"metadata": metadata}
    kind = "application/strategic-merge-patch+json"
    await connection.send(
        "PATCH", "ConfigMap", name, namespace, content=content, content_type=kind, headers=_METADATA
    )


def _config_map(name: str, parts: Mapping[str, bytes]) -> Object:
    if name not in parts:
        raise WrongUse(
            f"the code of this run, ConfigMap {name}, is gone with the last run that used it; "
            "run it from its files again"
        )
    digest = name.removeprefix(PREFIX).rpartition("-")[0]
    data = base64.b64encode(parts[name]).decode()
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name,
            "labels": {LABEL: digest},
        },
        "immutable": True,
        "binaryData": {key(list(parts).index(name)): data},
    }


async def _clean(connection: Connection, namespace: str) -> None:
    """See to those whose sender was interrupted: their runs become owners; without runs they are removed."""
    listed = await connection.send(
        "GET", "ConfigMap", "", namespace, query={"labelSelector": LABEL}, headers=_METADATA_LIST
    )
    now = datetime.now(timezone.utc)
    left = [each["metadata"] for each in listed["items"] if _left(each["metadata"], now)]
    runs = await connection.list(FLOW_RUN, namespace) if left else []
    for meta in left:
        users = [run for run in runs if meta["name"] in _named(run)]
        for run in users:
            with suppress(WrongUse):
                await _own(connection, run, meta["name"], {}, meta["uid"])
        if users:
            continue
        conditions = {"uid": meta["uid"], "resourceVersion": meta["resourceVersion"]}
        with suppress(NotFound, Refused):  # somebody uses it by now
            await connection.send(
                "DELETE", "ConfigMap", meta["name"], namespace, content={"preconditions": conditions}
            )


def _left(meta: Mapping[str, Any], now: datetime) -> bool:
    """Whether it has no run as an owner, or is held, for longer than any sender takes."""
    owners = [each for each in meta.get("ownerReferences") or () if each["uid"] != meta["uid"]]
    held = (meta.get("annotations") or {}).get(HELD)
    if owners and not held:
        return False
    since = datetime.fromisoformat((held or meta["creationTimestamp"]).replace("Z", "+00:00"))
    return now - since > UNOWNED
