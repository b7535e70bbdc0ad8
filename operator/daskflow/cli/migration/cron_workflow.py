"""Argo's CronWorkflow that creates a DaskJob by a resource template, as a FlowSchedule."""

from collections.abc import Sequence
from typing import Any

from daskflow.api.names import FLOW_SCHEDULE
from daskflow.api.yaml_text import documents
from daskflow.cli.migration import dask_kubernetes
from daskflow.cli.migration.conversions import count, duration, flag, read, text
from daskflow.cli.migration.draft import Draft
from daskflow.cli.migration.leaves import Book, Node, too_much
from daskflow.cli.migration.options import Options

_KIND = "CronWorkflow"
_GROUP = "argoproj.io/"
_POLICIES = ("Allow", "Forbid", "Replace")
_ACTIONS = ("create", "apply")


def is_one(book: Book) -> bool:
    """Whether an object is a CronWorkflow."""
    return book.root.get("kind") == _KIND and str(book.root.get("apiVersion")).startswith(_GROUP)


def migrate(book: Book, options: Options) -> tuple[list[Draft], list[Book]]:
    """The schedule, and what is said of the job in it; nothing where there is no one job."""
    spec = book.node.get("spec")
    workflow = spec.get("workflowSpec")
    resource, job = _job(workflow.get("templates").items())
    if resource is None or job is None:
        book.node.hush()
        book.say(
            "a CronWorkflow is migrated if one resource template of it creates a DaskJob; make a "
            "FlowSchedule by hand"
        )
        return [], []
    inner = Book(f"{book.where}: DaskJob", job)
    draft = dask_kubernetes.begun(FLOW_SCHEDULE, book)
    _schedule(draft, spec)
    dask_kubernetes.carry_job(draft, inner, dask_kubernetes.Among((), ()), options)
    for name in ("apiVersion", "kind", "status"):
        inner.node.get(name).hush()
    for name in ("name", "generateName", "namespace"):
        inner.node.get("metadata", name).ours(
            "since runs are called after their schedule, and are where it is"
        )
    for part in ("labels", "annotations"):
        for key, node in inner.node.get("metadata", part).entries():
            if (value := read(node, f"spec.template.metadata.{part}", text)) is not None:
                draft.at(("spec", "template", "metadata", part, key), value, node)
    _argos(book, workflow, resource)
    if "{{" in str(job):
        book.say("{{…}} of Argo is not filled in; a FlowSchedule has $(scheduledTime) and parameters")
    return [draft], [inner]


def _job(templates: Sequence[Node]) -> tuple[Node | None, dict[str, Any] | None]:
    found = []
    for template in templates:
        resource = template.get("resource")
        job = _parsed(resource.get("manifest").value)
        if job is not None and resource.get("action").value in _ACTIONS:
            found.append((resource, job))
    return found[0] if len(found) == 1 else (None, None)


def _parsed(manifest: Any) -> dict[str, Any] | None:
    try:
        whole = documents(manifest) if isinstance(manifest, str) else []
    except ValueError:
        return None
    one = whole[0] if len(whole) == 1 and isinstance(whole[0], dict) and not too_much(whole[0]) else {}
    return one if one.get("kind") == "DaskJob" else None


def _schedule(draft: Draft, spec: Node) -> None:
    schedules = [spec.get("schedule"), *spec.get("schedules").items()]
    crons = [node for node in schedules if node.there]
    for node in crons[1:]:
        node.lose("but a FlowSchedule has one; make another of it")
    for node in crons[:1]:
        if (cron := read(node, "spec.cron", text)) is not None:
            draft.at(("spec", "cron"), cron, node)
    policy = spec.get("concurrencyPolicy")
    if policy.value in _POLICIES:
        draft.at(("spec", "concurrencyPolicy"), policy.value, policy)
    elif not policy.there:  # Argo's own default
        draft.at(("spec", "concurrencyPolicy"), "Allow")
    fields: tuple[tuple[str, tuple[str, ...], Any], ...] = (
        ("timezone", ("timeZone",), text),
        ("startingDeadlineSeconds", ("startingDeadline",), duration),
        ("suspend", ("suspend",), flag),
        ("successfulJobsHistoryLimit", ("history", "succeeded"), count),
        ("failedJobsHistoryLimit", ("history", "failed"), count),
    )
    for name, place, convert in fields:
        node = spec.get(name)
        if (value := read(node, f"spec.{'.'.join(place)}", convert)) is not None:
            draft.at(("spec", *place), value, node)


def _argos(book: Book, workflow: Node, resource: Node) -> None:
    """What only Argo needed."""
    book.node.get("apiVersion").hush()
    book.node.get("kind").hush()
    resource.get("manifest").hush()
    for name in ("action", "successCondition", "failureCondition", "setOwnerReference"):
        resource.get(name).ours("since the schedule makes the runs by itself")
    for name in ("entrypoint", "serviceAccountName", "podGC", "ttlStrategy"):
        workflow.get(name).ours("since no workflow runs")
    for template in workflow.get("templates").items():
        if template.get("resource").path == resource.path:
            template.get("name").ours("since no workflow runs")
