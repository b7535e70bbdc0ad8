"""Objects as API servers tell them, one by one: in lists, watches and answers.

Each is decoded by itself, so that one that is beyond all measure is nobody else's affair. Large members of
specs stay the text they came as until a plan is made from them: a list of 120,000 small objects is 1.2 MB of
JSON and takes 23 MB of memory as Python objects, and a FlowRun that is suspended, or has ended, keeps it for
as long as its record stays.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import Raw

from daskflow.api.names import word_of
from daskflow.api.remembered import Momentary
from daskflow.controller.kubernetes.decoding import lenient, mended, strict
from daskflow.controller.kubernetes.kinds import KINDS
from daskflow.plan.model import Object

T = TypeVar("T")

PACKED_FROM = 1024
"""Bytes of JSON. Ordinary specs have no member that is larger, and smaller ones take little memory."""
TEXTS_FROM = 16 << 10
"""Bytes of labels, annotations or owners as JSON: Kubernetes bounds annotations only, at 256 KB."""
_OWNERS = 64
_IDENTITY = ("name", "uid", "resourceVersion")
_INDEXED = frozenset({"clusterRef"})
"""Members of specs that the store itself reads."""
_UNREAD = frozenset({"managedFields", "selfLink"})
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""An annotation with the whole object once more, as text."""


class Packed(bytes):
    """A value as JSON text."""

    __slots__ = ()


class Texts(Mapping[str, str]):
    """Labels or annotations as JSON text, decoded again each time that somebody asks."""

    __slots__ = ("_text",)

    def __init__(self, text: bytes) -> None:
        self._text = text

    def __getitem__(self, name: str) -> str:
        return str(lenient(self._text)[name])

    def __iter__(self) -> Iterator[str]:
        return iter(lenient(self._text))

    def __len__(self) -> int:
        return len(lenient(self._text))


class Page(NamedTuple):
    """A part of a list. `token` asks for the next part; "" with the last."""

    items: list[Object]
    version: str
    token: str


class _Part(msgspec.Struct):
    metadata: dict[str, Raw]
    spec: dict[str, Raw] = {}
    status: Raw = Raw()
    kind: str = ""
    api_version: str = msgspec.field(default="", name="apiVersion")


class _Whole(msgspec.Struct):
    object: Raw
    type: str


class _List(msgspec.Struct):
    metadata: dict[str, Raw]
    items: list[Raw] = []
    api_version: str = msgspec.field(default="", name="apiVersion")


_part = msgspec.json.Decoder(_Part).decode
_event = msgspec.json.Decoder(_Whole).decode
_list = msgspec.json.Decoder(_List).decode


def page_from(text: bytes | bytearray, kind: str) -> Page:
    """A part of a list of objects of one kind. Raises ValueError if it is none."""
    found = _shaped(_list, text)
    if found is None or "resourceVersion" not in found.metadata:
        raise ValueError("no list")
    version = found.api_version
    metadata = {name: strict(bytes(raw)) for name, raw in found.metadata.items()}
    return Page(
        # Items of a list come without the kind and apiVersion that they have everywhere else.
        [identified(object_from(bytes(raw), kind, version)) for raw in found.items],
        metadata["resourceVersion"],
        metadata.get("continue") or "",
    )


def event_from(line: bytes, kind: str) -> tuple[str, Object]:
    """The type and object of a line of a watch. Raises ValueError if it is none."""
    found = _shaped(_event, line)
    if found is None:
        raise ValueError("no event of a watch")
    body = object_from(bytes(found.object), "" if found.type == "ERROR" else kind)
    return found.type, body if found.type in ("ERROR", "BOOKMARK") else identified(body)


def identified(body: Object) -> Object:
    """The same. Raises ValueError if it does not say which object it is, and at which moment.

    What is damaged on its way, in the name of a member, may still be an object that a decoder takes.
    """
    metadata = body.get("metadata") or {}
    if lacking := [name for name in _IDENTITY if not metadata.get(name)]:
        raise ValueError(f"an object without metadata.{lacking[0]}")
    return body


def object_from(text: bytes | bytearray, kind: str, api_version: str = "") -> Object:
    """An object; `kind` and `api_version` are those of its list, or what it is expected to be.

    Of custom resources only what somebody reads, and large members of their specs as text (`packed`).
    """
    known = KINDS.get(kind)
    part = _shaped(_part, text) if known is not None and known.seen == "custom" else None
    word = word_of(kind)
    if part is None or part.kind not in ("", word):  # a Status, say
        found = lenient(text)
        if not isinstance(found, dict):
            raise ValueError("no object")
        return {"kind": word, "apiVersion": api_version, **found} if api_version else found
    result: dict[str, Any] = {
        "apiVersion": part.api_version or api_version,
        "kind": word,
        "metadata": {
            name: _metadata(name, raw) for name, raw in part.metadata.items() if name not in _UNREAD
        },
        "spec": {name: _member(name, bytes(raw)) for name, raw in part.spec.items()},
    }
    if status := bytes(part.status):
        result["status"] = lenient(status)
    return result


def _shaped(decode: Callable[[bytes | bytearray], T], text: bytes | bytearray) -> T | None:
    """What a decoder makes of it, mended if need be; None if it is something else."""
    try:
        return decode(text)
    except (msgspec.DecodeError, RecursionError):
        try:
            return decode(mended(text))
        except msgspec.DecodeError:
            return None


def _metadata(name: str, raw: Raw) -> Any:
    text = bytes(raw)
    found = lenient(text)
    if name == "annotations" and found:
        found = {key: each for key, each in found.items() if key != LAST_APPLIED}
    if len(text) < TEXTS_FROM or not found:
        return found
    if name in ("annotations", "labels"):
        return Texts(json.dumps(found, ensure_ascii=False).encode())
    # Garbage collection knows no bound of owners, and whom we ask for is one of ours.
    return found[:_OWNERS] if name == "ownerReferences" else found


def _member(name: str, text: bytes) -> Any:
    return lenient(text) if len(text) < PACKED_FROM or name in _INDEXED else Packed(text)


def unpacked(body: Object) -> Object:
    """The object with nothing packed in it any more."""
    spec = body.get("spec")
    if not spec or not any(isinstance(member, Packed) for member in spec.values()):
        return body
    whole = (
        (name, lenient(bytes(member)) if isinstance(member, Packed) else member)
        for name, member in spec.items()
    )
    return {**body, "spec": Momentary(whole)}
