"""What `daskflow migrate` prints: manifests, and beside them what was not carried over."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from daskflow.api.wording import are, counted
from daskflow.cli.migration.leaves import Finding
from daskflow.cli.migration.sources import Result
from daskflow.cli.printing import as_json


def as_text(result: Result, form: str) -> str:
    """All manifests: YAML documents with what was said as comments, or JSON."""
    manifests = [manifest for manifest, _ in result.manifests]
    if form == "json":
        whole = {"apiVersion": "v1", "kind": "List", "items": manifests}
        return as_json(manifests[0] if len(manifests) == 1 else whole)
    parts = []
    for place, (manifest, findings) in enumerate(result.manifests):
        said = [*result.beside, *findings] if place == 0 else findings
        parts.append("\n".join([*_comments(said), _yaml(manifest)]))
    return "\n---\n".join(parts)


def _yaml(manifest: Mapping[str, Any]) -> str:
    """YAML in which texts of several lines are such."""
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: Any, value: str) -> Any:
        style = "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    made = yaml.dump(dict(manifest), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110)
    return str(made).rstrip("\n")


def _comments(findings: Sequence[Finding]) -> Iterator[str]:
    for lost, title in ((True, "Not carried over"), (False, "Not needed any more")):
        if some := _once(findings, lost=lost):
            yield f"# {title}:"
            yield from (f"#   {each}" for each in some)


def lines(result: Result, form: str) -> list[str]:
    """What goes to stderr: all that was lost; the rest is counted where it stands in the YAML."""
    findings = result.findings
    said = [str(each) for each in _once(findings, lost=True)]
    needless = _once(findings, lost=False)
    if form == "json":
        return said + [str(each) for each in needless]
    if needless:
        said.append(
            f"{counted(len(needless), 'setting')} {are(len(needless))} not needed any more; see the comments."
        )
    return said


def _once(findings: Sequence[Finding], *, lost: bool) -> list[Finding]:
    return list(dict.fromkeys(each for each in findings if each.lost is lost))
