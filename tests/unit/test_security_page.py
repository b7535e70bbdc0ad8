"""docs/security.md lists the operator's rights as they are in the chart."""

import re
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).parents[2]
RIGHTS = REPOSITORY / "charts" / "daskflow" / "files" / "rights.yaml"
PAGE = REPOSITORY / "docs" / "security.md"
Right = tuple[str, str]
"""A verb and a resource; one of a single name: that name, too."""


def granted() -> set[Right]:
    return {
        (verb, f"{resource.removesuffix('s')} {name}" if where == "own" and name else resource)
        for where, rules in yaml.safe_load(RIGHTS.read_text()).items()
        for rule in rules
        for resource in rule["resources"]
        for name in _names(rule)
        for verb in rule["verbs"]
    }


def told() -> set[Right]:
    table = PAGE.read_text().partition("| on | it may |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines()[2:]]
    return {
        (verb.strip(), f"{single} {resource}" if (single := _single(resources)) else resource)
        for resources, verbs in rows
        for resource in re.findall(r"`([\w/-]+)`", resources)
        for verb in verbs.split(",")
    }


def _names(rule: Any) -> list[str]:
    """The release's own is that of the usual one."""
    return ["daskflow" if "fullname" in name else name for name in rule.get("resourceNames") or [""]]


def _single(resources: str) -> str:
    """The kind of which the row names one object."""
    found = re.match(r" the (secret|lease) `", resources)
    return found.group(1) if found else ""


def test_the_page_has_all_rights_of_the_operator_and_no_other() -> None:
    assert told() == granted()
    assert len(told()) > 30
