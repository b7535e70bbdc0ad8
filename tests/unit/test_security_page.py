"""docs/security.md lists the operator's rights as they are in the chart."""

import re
from pathlib import Path

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
        for name in (rule.get("resourceNames") or [""])
        for verb in rule["verbs"]
    }


def told() -> set[Right]:
    table = PAGE.read_text().partition("| on | it may |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines()[2:]]
    return {
        (verb.strip(), f"secret {resource}" if "secret `" in resources else resource)
        for resources, verbs in rows
        for resource in re.findall(r"`([\w/-]+)`", resources)
        for verb in verbs.split(",")
    }


def test_the_page_has_all_rights_of_the_operator_and_no_other() -> None:
    assert told() == granted()
    assert len(told()) > 30
