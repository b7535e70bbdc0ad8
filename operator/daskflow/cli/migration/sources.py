"""Which source a text is of, and what all texts together come to."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from daskflow.api.yaml_text import documents
from daskflow.cli.local.validation import Invalid
from daskflow.cli.migration import cron_workflow, dask_kubernetes, helm_values, jobqueue
from daskflow.cli.migration.compose_files import compose
from daskflow.cli.migration.draft import NAME, Draft
from daskflow.cli.migration.leaves import NO_FIELD, Book, Computed, Finding, shown, too_much
from daskflow.cli.migration.options import Options
from daskflow.cli.migration.programs import program

SOURCES = ("dask-kubernetes", "compose", "jobqueue", "helm", "python")


class Text(NamedTuple):
    """One input."""

    name: str
    """As people call it: a path, or `standard input`."""
    text: str


@dataclass(frozen=True)
class Result:
    """Manifests, each with what is said of it, and what is said beside them."""

    manifests: Sequence[tuple[dict[str, Any], Sequence[Finding]]]
    beside: Sequence[Finding]

    @property
    def findings(self) -> list[Finding]:
        """All of them."""
        return [*self.beside, *(finding for _, findings in self.manifests for finding in findings)]


def migrate(texts: Sequence[Text], options: Options) -> Result:
    """What all of them come to. Raises Invalid with one sentence where nothing can be made of them."""
    books: list[Book] = []
    drafts: list[Draft] = []
    objects: list[Book] = []
    for text in texts:
        source, read = _read(text, options.source)
        if source == "dask-kubernetes":
            objects += [
                _object(each, text.name) for document in read for each in _unpacked(document, text.name)
            ]
            continue
        for document in read:
            made, of = _MIGRATES[source](document, text.name, options)
            drafts += made
            books += of
    others = [book for book in objects if not _is_dasks(book)]
    drafts += dask_kubernetes.migrate([book for book in objects if _is_dasks(book)], options)
    for book in others:
        if cron_workflow.is_one(book):
            made, of = cron_workflow.migrate(book, options)
            drafts += made
            books += of
        else:
            _other(book)
    books += objects
    return _result(drafts, books)


def _result(drafts: Sequence[Draft], books: Sequence[Book]) -> Result:
    for book in books:
        for node in book.rest():
            computed = isinstance(node.value, Computed)
            node.lose("which is computed; write by hand what it stands for" if computed else NO_FIELD)
    _distinct(drafts)
    made = [draft.manifest() for draft in drafts]
    if not made:
        said = [str(finding) for book in books for finding in book.findings if finding.lost]
        why = f": {said[0]}" if said else "; give a file that has a Dask cluster or a job"
        raise Invalid(f"nothing in it can be migrated{why}")
    own: list[Book] = []
    manifests = []
    for draft, manifest in zip(drafts, made, strict=True):
        known = any(draft.book is book for book in own)
        manifests.append((manifest, [] if known else draft.book.findings))
        own.append(draft.book)
    beside = [finding for book in books if all(book is not each for each in own) for finding in book.findings]
    return Result(manifests, beside)


def _distinct(drafts: Sequence[Draft]) -> None:
    """No two of one kind are called alike."""
    taken: set[tuple[str, str, str]] = set()
    for draft in drafts:
        name, number = draft.name, 1
        while (draft.kind, draft.namespace, draft.name) in taken:
            number += 1
            draft.name = f"{name[:46]}-{number}"
        if number > 1:
            draft.book.say(f"another one is called {name}, so it is called {draft.name}")
        taken.add((draft.kind, draft.namespace, draft.name))
        if draft.closing:
            draft.book.say(draft.closing.replace(NAME, draft.name), lost=False)


def _read(text: Text, source: str | None) -> tuple[str, list[Any]]:
    """The source of a text, and its documents; of Python the text itself. Raises Invalid."""
    if "\0" in text.text:
        raise Invalid(f"{text.name} is no text; give a YAML or Python file")
    if source == "python" or (source is None and text.name.endswith(".py")):
        return "python", [text.text]
    body = text.text.removeprefix("USER-SUPPLIED VALUES:").removeprefix("COMPUTED VALUES:")
    try:
        found = documents(body)
    except ValueError as error:
        if source is None and _is_python(text.text):
            return "python", [text.text]
        why = "; it is a template of Helm: give what `helm template` prints" if "{{" in body else ""
        raise Invalid(f"{text.name} is no YAML: {error}{why}") from error
    if source is None and not any(isinstance(each, dict) for each in found) and _is_python(text.text):
        return "python", [text.text]
    for document in found:
        if not isinstance(document, dict):
            shown = repr(document)
            raise Invalid(
                f"{text.name} holds {shown[:60]} where a mapping is expected; see docs/migrating.md"
            )
        if why := too_much(document):
            raise Invalid(f"{text.name} {why}")
    if not found:
        raise Invalid(f"{text.name} is empty; give a manifest, a compose file, values or a Python file")
    chosen = source or _source(found, text.name)
    return chosen, documents(body, words=True) if chosen == "compose" else found


def _is_python(text: str) -> bool:
    try:
        return any(
            isinstance(node, ast.Call | ast.Import | ast.ImportFrom) for node in ast.walk(ast.parse(text))
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _source(found: Sequence[Mapping[str, Any]], name: str) -> str:
    """Of documents, by their keys. Raises Invalid."""
    first = found[0]
    if "apiVersion" in first or "kind" in first:
        return "dask-kubernetes"
    if isinstance(first.get("services"), dict):
        return "compose"
    if isinstance(first.get("jobqueue"), dict):
        return "jobqueue"
    if any(isinstance(first.get(key), dict) for key in ("scheduler", "worker", "webUI")):
        return "helm"
    if "cells" in first:
        raise Invalid(f"{name} is a notebook; give what `jupyter nbconvert --to script` makes of it")
    keys = ", ".join(map(str, list(first)[:4]))
    raise Invalid(f"{name} has {keys or 'no key'}, which no known source has; say --from {'|'.join(SOURCES)}")


def _unpacked(document: Any, where: str) -> list[Any]:
    if not str(document.get("kind")).endswith("List"):
        return [document]
    items = document.get("items")
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict):
            raise Invalid(f"{where} holds {item!r:.60} where a Kubernetes object is expected; take it out")
    return list(items) if isinstance(items, list) else []


def _object(document: Any, where: str) -> Book:
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return Book(f"{where}: {document.get('kind')} {name}"[:120], document)


def _is_dasks(book: Book) -> bool:
    return str(book.root.get("apiVersion")).startswith(f"{dask_kubernetes.GROUP}/")


def _other(book: Book) -> None:
    """An object of another operator, or of Kubernetes'."""
    kind = str(book.root.get("kind"))
    scheduled = kind == "CronJob"
    what = f"{kind} of {shown(book.root.get('apiVersion'))}"
    book.node.hush()
    if scheduled:
        book.say(f"a {what} may start a DaskJob; put the FlowRun's spec into spec.template of a FlowSchedule")
    else:
        book.say(f"a {what} is none of dask-kubernetes' kinds; apply it as it is", lost=False)


_Migrates = Callable[[Any, str, Options], tuple[list[Draft], list[Book]]]
_MIGRATES: Mapping[str, _Migrates] = {
    "compose": compose.migrate,
    "jobqueue": jobqueue.migrate,
    "helm": helm_values.migrate,
    "python": program.migrate,
}
