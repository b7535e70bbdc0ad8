"""`python -m integrations.models`: makes each door's `flowrun.py` from `crds/flowruns.yaml`.

Pydantic models of a FlowRun's spec and status, without what only Kubernetes can check. What is written (the
spec) takes no field that the definition lacks; what is read (the status) takes anything, so that a newer
operator's is read as well. A class has the name of its field, with that of the class above before it where
two would have the same.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic.alias_generators import to_camel, to_pascal, to_snake

from integrations import ROOT, Door, doors

Schema = dict[str, Any]

_HEAD = '''# ruff: noqa: E501
"""A FlowRun's spec and status as models; made from its definition by `make crds`, so do not edit."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

GROUP = {group!r}
VERSION = {version!r}
PLURAL = {plural!r}


class Given(BaseModel):
    """What is written: fields by their names here or by Kubernetes', and no others."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Read(BaseModel):
    """What is read: also that of an operator that knows more fields, or more values of one."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow")
'''
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_LIMITS = {
    "minimum": "ge",
    "maximum": "le",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
}


class Classes:
    """The classes of one module, in an order in which each is there before it is used."""

    def __init__(self) -> None:
        self.text: dict[str, str] = {}
        self._fields: dict[str, list[str]] = {}

    def add(self, name: str, schema: Schema, base: str, above: str = "") -> str:
        """The name of the class of an object's schema, with those of all below it."""
        fields: list[str] = []
        required = schema.get("required", ())
        for field, inner in schema["properties"].items():
            # What is read may lack anything.
            fields += self._field(field, inner, base, name, field in required and base == "Given")
        for candidate in (name, above + name):
            if candidate not in self._fields:
                head = [f"class {candidate}({base}):", f'    """{schema["description"].strip()}"""', ""]
                self._fields[candidate] = fields
                self.text[candidate] = "\n".join([*head, *fields])
            if self._fields[candidate] == fields:
                return candidate
        raise ValueError(f"two classes would be called {above}{name}")

    def _field(self, field: str, schema: Schema, base: str, above: str, required: bool) -> Iterator[str]:
        name = to_snake(field)
        options = [] if required else ["default=None"]
        options += [] if to_camel(name) == field else [f"alias={field!r}"]
        if base == "Given" and not schema.get("x-kubernetes-int-or-string"):
            options += [f"{ours}={schema[key]!r}" for key, ours in _LIMITS.items() if key in schema]
        if said := schema.get("description"):
            options.append(f"description={said!r}")
        type_ = self._type(field, schema, base, above)
        optional = "" if required or type_ == "Any" else " | None"
        yield f"    {name}: {type_}{optional} = Field({', '.join(options)})"

    def _type(self, field: str, schema: Schema, base: str, above: str) -> str:
        kind = schema.get("type")
        if schema.get("x-kubernetes-int-or-string"):
            return "int | str"
        if schema.get("x-kubernetes-preserve-unknown-fields") or _open(schema):
            return "dict[str, Any]" if kind == "object" else "Any"
        if "enum" in schema and base == "Given":
            return f"Literal[{', '.join(map(repr, schema['enum']))}]"
        if kind == "array":
            return f"list[{self._type(_one(field), schema['items'], base, above)}]"
        if kind == "object" and "properties" in schema:
            return self.add(to_pascal(to_snake(field)), schema, base, above)
        if kind == "object":
            within = schema.get("additionalProperties")
            return f"dict[str, {self._type(field, within, base, above) if within else 'Any'}]"
        return _PLAIN[kind] if kind else "Any"


def _open(schema: Schema) -> bool:
    """Whether it is mostly Kubernetes' own, as a pod's template: the definition has a few fields of it."""
    below = schema.get("properties", {}).values()
    return any(each.get("x-kubernetes-preserve-unknown-fields") and "properties" in each for each in below)


def _one(field: str) -> str:
    return field[:-1] if field.endswith("s") else field


def module(definition: Schema) -> str:
    """The text of the module, for a CustomResourceDefinition."""
    spec = definition["spec"]
    version = spec["versions"][0]
    names = {"group": spec["group"], "version": version["name"], "plural": spec["names"]["plural"]}
    kind = spec["names"]["kind"]
    fields = version["schema"]["openAPIV3Schema"]["properties"]
    classes = Classes()
    classes.add(f"{kind}Spec", fields["spec"], "Given")
    classes.add(f"{kind}Status", fields["status"], "Read", f"{kind}Status")
    return _formatted("\n\n\n".join([_HEAD.format(**names), *classes.text.values()]) + "\n")


def _formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(ROOT / "integrations/x.py")]
    return subprocess.run([*command, "-"], input=text, check=True, capture_output=True, text=True).stdout


def file(door: Door) -> Path | None:
    """Where a door has its models; None where it is no package."""
    return door.package / "flowrun.py" if door.package else None


def main() -> None:
    """Write them all."""
    text = module(yaml.safe_load((ROOT / "crds" / "flowruns.yaml").read_text()))
    for target in filter(None, map(file, doors())):
        target.write_text(text)


if __name__ == "__main__":
    main()
