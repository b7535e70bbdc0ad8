"""An API server of ConfigMaps and FlowRuns, as far as code needs one, with its garbage collector."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from itertools import count
from typing import Any

from daskflow.client.connection import Connection, Object
from daskflow.client.errors import AlreadyExists, NotFound, Refused


class Api(Connection):
    """Everything in one namespace. `between`, called before each request, may do what others do then."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[tuple[str, str], Object] = {}
        self.requests: list[str] = []
        self._numbers = count(1)
        self.between: Any = lambda request: None

    def names(self, kind: str) -> list[str]:
        return [name for found, name in self.objects if found == kind]

    def owners(self, name: str) -> list[str]:
        return [
            each["name"] for each in self.objects["ConfigMap", name]["metadata"].get("ownerReferences", ())
        ]

    def end(self, run: str) -> None:
        """A run is deleted, and the garbage collector has looked at all that it owned."""
        del self.objects["FlowRun", run]
        alive = {each["metadata"]["uid"] for each in self.objects.values()}
        for key, found in list(self.objects.items()):
            owners = found["metadata"].get("ownerReferences") or ()
            if owners and not any(each["uid"] in alive for each in owners):
                del self.objects[key]

    def _told(self, method: str, kind: str, name: str) -> Object:
        self.between(f"{method} {kind}")
        self.requests.append(f"{method} {kind}")
        if name and method != "POST" and (kind, name) not in self.objects:
            raise NotFound(name)
        return self.objects.get((kind, name), {})

    async def create(
        self, kind: str, content: Object, namespace: str | None = None, *, dry_run: bool = False
    ) -> Object:
        name = content["metadata"]["name"]
        self._told("POST", kind, name)
        if (kind, name) in self.objects:
            raise AlreadyExists(name)
        made = deepcopy(content)
        number = str(next(self._numbers))
        made["metadata"] |= {"uid": f"u{number}", "resourceVersion": number, "namespace": namespace}
        made["metadata"]["creationTimestamp"] = datetime.now(UTC).isoformat(timespec="seconds")
        if not dry_run:
            self.objects[kind, name] = made
        return deepcopy(made)

    async def list(self, kind: str, namespace: str | None = None, **_: Any) -> list[Object]:
        self._told("LIST", kind, "")
        return [deepcopy(each) for (found, _), each in self.objects.items() if found == kind]

    async def send(
        self,
        method: str,
        kind: str,
        name: str = "",
        namespace: str | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        content: Object | None = None,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Object:
        if not name:
            return {"items": await self.list(kind)}
        found = self._told(method, kind, name)
        if method == "DELETE":
            conditions = (content or {})["preconditions"]
            if any(found["metadata"][field] != wanted for field, wanted in conditions.items()):
                raise Refused("it has changed")
            del self.objects[kind, name]
        elif method == "PATCH":
            assert content_type == "application/strategic-merge-patch+json"
            self._patch(found["metadata"], (content or {})["metadata"])
        return deepcopy(found)

    def _patch(self, metadata: Object, change: Object) -> None:
        owners = {each["uid"]: each for each in metadata.get("ownerReferences") or ()}
        for each in change.get("ownerReferences") or ():
            if each.get("$patch") == "delete":
                owners.pop(each["uid"], None)
            else:
                owners[each["uid"]] = each
        annotations = {**(metadata.get("annotations") or {}), **(change.get("annotations") or {})}
        metadata["annotations"] = {key: value for key, value in annotations.items() if value is not None}
        metadata |= {"ownerReferences": list(owners.values()), "resourceVersion": str(next(self._numbers))}
