"""What of a manifest can be said to be wrong before a cluster is asked."""

import json
import math
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from daskflow.client.errors import WrongUse

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def sendable(made: Mapping[str, Any]) -> None:
    """Raises WrongUse for what JSON cannot hold, and for a flow that does not reach its runner."""
    from daskflow.api.flow import MAX_FLOW_BYTES

    _json(made.get("metadata"), "metadata")
    spec = made.get("spec") or {}
    _json(spec, "spec")
    flow = spec.get("flow") or {}
    size = len(json.dumps(flow, separators=(",", ":"), ensure_ascii=False).encode(errors="replace"))
    if size > MAX_FLOW_BYTES:
        raise WrongUse(
            f"spec.flow has {size} bytes; at most {MAX_FLOW_BYTES} reach the runner: put data into storage "
            "and give its place"
        )


def _json(value: Any, field: str) -> None:
    """Raises WrongUse that names the field."""
    try:
        json.dumps(value, allow_nan=False)
        return
    except (TypeError, ValueError, RecursionError):
        inner: Any = ()
        if isinstance(value, Mapping):
            inner = value.items()
        elif isinstance(value, list | tuple):
            inner = enumerate(value)
    for key, item in inner:
        if isinstance(value, Mapping) and not isinstance(key, str | int):
            raise WrongUse(f"{field} has the key {key!r}; keys of JSON are texts")
        if value is item:
            break
        _json(item, f"{field}[{key}]" if isinstance(key, int) else f"{field}.{key}")
    shown = str(value) if isinstance(value, float) and not math.isfinite(value) else _kind(value)
    raise WrongUse(f"{field} is {shown}, which JSON cannot hold; give texts, numbers, lists, objects")


def _kind(value: Any) -> str:
    return f"of the type {type(value).__qualname__}"


def understood(made: Mapping[str, Any]) -> None:
    """Raises WrongUse for a name and fields that an API server would refuse; its rules are not asked."""
    from pydantic import ValidationError

    from daskflow.api.crd import MAX_NAME
    from daskflow.api.flowrun import FlowRunSpec
    from daskflow.api.invalid_spec import sentence

    name = made["metadata"].get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise WrongUse(
            f"metadata.name is {name!r}; give at most {MAX_NAME} small letters, digits and '-', a letter or "
            "digit at both ends"
        )
    sendable(made)
    try:
        spec = FlowRunSpec.model_validate(made["spec"])
    except ValidationError as error:
        raise WrongUse(sentence(error)) from None
    known(made["spec"], spec, "spec")


def known(written: Any, model: Any, field: str) -> None:
    """Raises WrongUse for a field that its model does not have."""
    from pydantic import BaseModel

    if isinstance(model, BaseModel) and isinstance(written, Mapping):
        fields = type(model).model_fields
        names = {each.alias or name: name for name, each in fields.items()}
        for key, value in written.items():
            if key in fields:
                names[key] = key  # as Python has it
            if key not in names:
                near = get_close_matches(str(key), names, 1)
                remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(names))}"
                raise WrongUse(f"{field}.{key} is no field of a FlowRun; {remedy}")
            known(value, getattr(model, names[key]), f"{field}.{key}")
    elif isinstance(model, list | tuple) and isinstance(written, list | tuple):
        for index, (item, of) in enumerate(zip(written, model, strict=False)):
            known(item, of, f"{field}[{index}]")
