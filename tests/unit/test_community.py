"""What the pages say of the repository is so: links, targets, paths, options. The host takes its forms."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from integrations import doors
from tests.simulation.cases import Case
from tests.simulation.mutants import MUTANTS

ROOT = Path(__file__).parents[2]
_MADE = (*(ROOT / ".gitignore").read_text().replace("/", "").split(), ".git")
FILES = [
    path.relative_to(ROOT)
    for top in ROOT.iterdir()
    if not any(top.match(pattern) for pattern in _MADE)
    for path in (top.rglob("*") if top.is_dir() else [top])
    if path.is_file() and "__pycache__" not in path.parts
]
"""Of the repository, below it; those that are made are left out. Also where its history is not at hand."""
PAGES = sorted(path for path in FILES if path.suffix == ".md")
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"
HOOKS = ROOT / ".pre-commit-config.yaml"
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
TARGETS |= {f"doors-{door.name}" for door in doors()}


def prose(page: Path) -> str:
    """Without fenced blocks."""
    return re.sub(r"^```.*?^```$", "", (ROOT / page).read_text(), flags=re.M | re.S)


def code(page: Path) -> list[str]:
    """What stands between backticks, and lines that are set in by four blanks."""
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose(page)) + re.findall(r"^ {4}(\S.*)$", prose(page), re.M)


def anchors(page: Path) -> set[str]:
    """As the host makes them of headings: letters, digits, blanks as dashes, `-1` for the second one."""
    found: dict[str, int] = {}
    names = set()
    for heading in re.findall(r"^#+ +(.+?)(?: +#*)?$", prose(page), re.M):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*\[\]]", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        names.add(f"{name}-{found[name]}" if name in found else name)
        found[name] = found.get(name, 0) + 1
    return names


def links(page: Path) -> list[str]:
    """Targets of links, also of those by reference, that do not lead outside."""
    text = re.sub(r"`[^`\n]*`", "", prose(page))
    found = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"^\[[^\]]+\]: *(\S+)$", text, re.M)
    return [each for each in found if not re.match(r"[a-z]+:", each)]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        path, _, anchor = unquote(link).partition("#")
        target = (ROOT / page.parent / path).resolve() if path else ROOT / page
        there = target.exists() and target.is_relative_to(ROOT)
        if not there or (anchor and anchor not in anchors(target.relative_to(ROOT))):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_targets_are_in_the_makefile(page: Path) -> None:
    named = {name for text in code(page) for name in re.findall(r"\bmake ([a-z][a-z-]*)", text)}
    assert named <= TARGETS


def test_what_makes_these_tests_mean_something_is_found() -> None:
    assert {"pure", "crds", "test-newest"} <= TARGETS
    assert "clusters-that-a-flow-makes" in anchors(Path("docs/conditional.md"))
    assert "docs/flows.md" in links(Path("README.md"))
    assert any(text.startswith("make demo") for text in code(Path("README.md")))


COMMUNITY = [
    Path(name)
    for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", ".github/pull_request_template.md")
]


@pytest.mark.parametrize("page", [*COMMUNITY, Path("docs/development.md")], ids=str)
def test_paths_exist(page: Path) -> None:
    """Words in code that begin with a folder of the repository; patterns and placeholders aside."""
    top = {path.parts[0] for path in FILES if len(path.parts) > 1}
    missing = []
    for word in (word for text in code(page) for word in text.split()):
        first, slash, _ = word.partition("/")
        if slash and first in top and not re.search(r"[*A-Z]{3}|\*", word):
            missing += [] if (ROOT / word.rstrip(".,:")).exists() else [word]
    assert missing == []


def test_the_commands_of_the_simulation_can_be_given() -> None:
    text = "\n".join(code(CONTRIBUTING.relative_to(ROOT)))
    ours = {*Case.__dataclass_fields__, "all", "seeds", "first", "jobs", "stop", "verbose", "help"}
    of_others = {"all-files", "no-verify", "oneline", "only"}
    assert set(re.findall(r"--([a-z-]+)", text)) <= ours | of_others
    [mutant] = re.findall(r'--only "([^"]+)"', text)
    assert mutant in {each.name for each in MUTANTS}
    assert Case(seed=5, crash=3).command.replace("python", ".venv/bin/python", 1) in text


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


@pytest.mark.parametrize("path", sorted(FORMS.glob("*.yaml")), ids=lambda path: path.name)
def test_the_host_takes_the_form(path: Path) -> None:
    """Keys are those of "Syntax for issue forms" in its documentation; a form with others is not shown."""
    form = load(path)
    assert {"name", "description", "body"} <= set(form) <= {"name", "description", "body", "labels", "title"}
    kinds = {"markdown": {"value"}, "checkboxes": {"label", "options"}}
    for part in form["body"]:
        assert set(part) <= {"type", "id", "attributes", "validations"}
        attributes = part["attributes"]
        assert part["type"] in {"markdown", "textarea", "input", "dropdown", "checkboxes"}
        assert kinds.get(part["type"], {"label"}) <= set(attributes)
        assert set(attributes) <= {
            "label",
            "description",
            "value",
            "placeholder",
            "render",
            "options",
            "multiple",
        }
        assert all(isinstance(value, str) and value for key, value in attributes.items() if key != "options")
        assert set(part.get("validations", {})) <= {"required"}
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    labels = [part["attributes"]["label"] for part in form["body"] if part["type"] != "markdown"]
    assert len(ids) == len(set(ids)) == len(set(labels)) > 0
    assert all(re.fullmatch(r"[\w-]+", each) for each in ids)


def test_the_host_takes_the_chooser() -> None:
    assert {path.name for path in FORMS.iterdir()} == {"bug.yaml", "feature.yaml", "config.yml"}
    assert load(FORMS / "config.yml").keys() <= {"blank_issues_enabled", "contact_links"}


def test_hooks_are_what_make_lint_asks() -> None:
    subprocess.run([ROOT / ".venv/bin/pre-commit", "validate-config", HOOKS], check=True)
    [repository] = load(HOOKS)["repos"]
    assert repository["repo"] == "local"  # no versions beside those of the locks
    entries = [hook["entry"].removesuffix(" --force-exclude") for hook in repository["hooks"]]
    lint = (ROOT / "Makefile").read_text().partition("\nlint: venv\n")[2].partition("\n\n")[0]
    asked = lint.replace("$(BIN)/", ".venv/bin/").replace(" --check", "").split("\n")
    assert entries == [line.strip() for line in asked]


def test_the_licence_is_the_same_everywhere() -> None:
    assert (ROOT / "LICENSE").read_text().split()[:4] == ["Apache", "License", "Version", "2.0,"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    chart = load(ROOT / "charts" / "daskflow" / "Chart.yaml")
    assert project["license"] == chart["annotations"]["artifacthub.io/license"] == "Apache-2.0"


def test_the_changelog_has_its_form() -> None:
    """That of Keep a Changelog, so that programs can read it, too."""
    text = (ROOT / "CHANGELOG.md").read_text()
    releases = re.findall(r"^## (.+)$", text, re.M)
    assert releases[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", each) for each in releases[1:])
    sections = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)$", text, re.M)) <= sections
