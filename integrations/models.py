"""`python -m integrations.models`: makes each door's `flowrun.py` from `crds/flowruns.yaml`.

Pydantic models of a FlowRun's spec and status. What is written (the spec) takes no field that the definition
lacks, and holds its rules about one text, one quantity, or two numbers of which one is the lower; others only
Kubernetes checks. What is read (the status) takes anything, so that a newer operator's is read as well. A
class has the name of its field, with that of the class above before it where two would have the same.
"""

import re
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

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

GROUP = {group!r}
VERSION = {version!r}
PLURAL = {plural!r}


RULE = "rule"
"""The type of an error that is one of the definition's own sentences."""
QUANTITY = r"^[+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{{1,2}})?$"


@dataclass(frozen=True)
class Rule:
    """What a text, or that of a key, has to look like, or must not."""

    pattern: str
    said: str
    wanted: bool = True
    key: str = ""

    def __call__(self, value: Any) -> Any:
        """The value itself."""
        found = value.get(self.key) if self.key else value
        if found is not None and bool(re.search(self.pattern, str(found))) != self.wanted:
            raise PydanticCustomError(RULE, self.said, {{"value": found}})
        return value


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
        self.rules: dict[str, str] = {}
        """Names of rules, by their text."""
        self._fields: dict[str, list[str]] = {}

    def add(self, name: str, schema: Schema, base: str, above: str = "") -> str:
        """The name of the class of an object's schema, with those of all below it."""
        fields: list[str] = []
        required = schema.get("required", ())
        for field, inner in schema["properties"].items():
            # What is read may lack anything.
            fields += self._field(field, inner, base, name, field in required and base == "Given")
        if base == "Given":
            fields += [line for rule in schema.get("x-kubernetes-validations", ()) for line in _ordered(rule)]
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
        if base == "Given":
            type_ = self._ruled(type_, schema)
        optional = "" if required or type_ == "Any" else " | None"
        yield f"    {name}: {type_}{optional} = Field({', '.join(options)})"

    def _ruled(self, type_: str, schema: Schema) -> str:
        names = []
        for said, rule in _rules(schema):
            if rule not in self.rules:
                words = re.findall("[A-Za-z0-9]+", said.partition(";")[0].replace("{value}", ""))
                name = "_".join(words).upper()
                self.rules[rule] = name if name not in self.rules.values() else f"{name}_EITHER"
            names.append(self.rules[rule])
        return f"Annotated[{', '.join([type_, *names])}]" if names else type_

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
            type_ = self._type(field, within, base, above) if within else "Any"
            return f"dict[str, {self._ruled(type_, within or {}) if base == 'Given' else type_}]"
        return _PLAIN[kind] if kind else "Any"


_MATCHES = re.compile(
    r"(!\('(?P<key>[a-z-]+)' in self\) \|\| )?(?P<no>!\()?(string\()?self(\['[a-z-]+'\])?\)?"
    r"\.matches\('(?P<pattern>[^']*)'\)\)?"
)
_LOWER = re.compile(r"!has\(self\.(?P<lower>\w+)\) \|\| self\.(?P=lower) <= self\.(?P<upper>\w+)")
_IS_QUANTITY = "isQuantity(string(self)) && "


def _rules(schema: Schema) -> Iterator[tuple[str, str]]:
    """The sentence and the text of those of the schema's rules that are understood here."""
    for each in schema.get("x-kubernetes-validations", ()):
        said = _said(each)
        if each["rule"].startswith(_IS_QUANTITY):
            yield said, f"Rule(QUANTITY, {said!r})"
        elif match := _MATCHES.fullmatch(each["rule"]):
            options = ", wanted=False" if match["no"] else ""
            options += f", key={match['key']!r}" if match["key"] else ""
            yield said, f"Rule({match['pattern']!r}, {said!r}{options})"


def _said(rule: Schema) -> str:
    """Its sentence, with {value} for what was given."""
    if "message" in rule:
        return str(rule["message"])
    parts = re.findall(r"'([^']*)'|(self)", re.sub(r"\['[a-z-]+'\]", "", rule["messageExpression"]))
    return "".join("{value}" if own else text for text, own in parts)


def _ordered(rule: Schema) -> list[str]:
    """A validator of two numbers, for rules that say which is the lower one."""
    if not (match := _LOWER.fullmatch(rule["rule"])):
        return []
    lower, upper = to_snake(match["lower"]), to_snake(match["upper"])
    return [
        "",
        '    @model_validator(mode="after")',
        "    def _ordered(self) -> Any:",
        f"        if self.{lower} is not None and self.{lower} > self.{upper}:",
        f"            raise PydanticCustomError(RULE, {_said(rule)!r})",
        "        return self",
    ]


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
    rules = "\n".join(f"{name} = AfterValidator({rule})" for rule, name in classes.rules.items())
    return _formatted("\n\n\n".join([_HEAD.format(**names), rules, *classes.text.values()]) + "\n")


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
