"""Whether the definitions (CRDs) that are installed know all that this operator writes and reads.

Where they are older, the API server drops fields that it does not know, and refuses values that it does not:
of a status nobody would ever see it.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from daskflow.api.crd import KINDS
from daskflow.api.reasons import Reason
from daskflow.controller.kubernetes.events import Recorder
from daskflow.controller.kubernetes.verbs import Api, ApiError
from daskflow.plan.model import Event, Key, Object

log = logging.getLogger(__name__)

CRD = "CustomResourceDefinition"
_NAMED = 3
"""Fields that a sentence names."""


class Defined(Protocol):
    """One kind as the API server needs to know it."""

    @property
    def name(self) -> str:
        """By which the operator knows it."""

    @property
    def definition(self) -> dict[str, Any]:
        """The CustomResourceDefinition."""


async def outdated(api: Api, recorder: Recorder, kinds: Sequence[Defined] = KINDS) -> tuple[str, ...]:
    """The kinds whose definition is older than this operator, which is told in log and Events.

    Nothing depends on it: what cannot be read is taken for right.
    """
    found = []
    for kind in kinds:
        try:
            crd = await api.get(Key(CRD, "", kind.definition["metadata"]["name"]))
        except ApiError as error:
            log.info("the definition of %s cannot be read: %s", kind.name, error)
            continue
        if message := sentence(kind, crd):
            log.warning("%s", message)
            # Events of what has no namespace live in this one.
            about = {**crd, "metadata": {**crd["metadata"], "namespace": "default"}}
            recorder.tell(about, Event("Warning", Reason.DEFINITION_OUTDATED.value, message))
            found.append(kind.name)
    return tuple(found)


def sentence(kind: Defined, crd: Object) -> str:
    """What the installed definition lacks; empty if nothing."""
    schemas = [_schema(definition) for definition in (kind.definition, crd)]
    lacking = list(_lacking("", *schemas))
    if not lacking:
        return ""
    more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
    return (
        f"The CustomResourceDefinition of {kind.name} is older than the operator: it lacks "
        f"{', '.join(lacking[:_NAMED])}{more}. Apply the definitions (crds/) of the operator's version."
    )


def _schema(definition: Object) -> Mapping[str, Any]:
    versions = definition["spec"]["versions"]
    schema = next((each for each in versions if each.get("storage")), versions[0]).get("schema") or {}
    found: Mapping[str, Any] = schema.get("openAPIV3Schema") or {}
    return found


def _lacking(path: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    """Paths of fields, and values of fields, that only ours has."""
    if theirs.get("x-kubernetes-preserve-unknown-fields"):
        return
    if "enum" in ours and "enum" in theirs:
        yield from (f"{path}={value}" for value in ours["enum"] if value not in theirs["enum"])
    for name, field in (ours.get("properties") or {}).items():
        known = (theirs.get("properties") or {}).get(name)
        where = f"{path}.{name}".lstrip(".")
        if known is None:
            yield where
        else:
            yield from _lacking(where, field, known)
    for name in ("items", "additionalProperties"):
        if isinstance(ours.get(name), Mapping) and isinstance(theirs.get(name), Mapping):
            yield from _lacking(path, ours[name], theirs[name])
