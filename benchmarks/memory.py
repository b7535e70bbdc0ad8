"""What the store takes of memory for what users keep in the cluster: `python -m benchmarks.memory`.

Each row is a process of its own, which decodes lists of FlowRuns as API servers tell them, page by page, and
puts them into a store. Resident memory, without what the process took before.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.objects import page_from

LARGE = 40
PAGE = 10

FINISHED: dict[str, Any] = {
    "spec": {
        "image": "registry.example/team/flows:2026.11.1",
        "flow": {"entrypoint": "pipelines.daily:flow", "parameters": {"day": "2026-11-01", "retries": 3}},
        "cluster": {"workers": {"replicas": 4, "resources": {"requests": {"cpu": "2", "memory": "8Gi"}}}},
        "env": [{"name": "BUCKET", "value": "s3://data"}, {"name": "LEVEL", "value": "INFO"}],
        "retries": {"limit": 2},
    },
    "status": {
        "observedGeneration": 1,
        "phase": "Succeeded",
        "message": "The flow has succeeded.",
        "startTime": "2026-11-01T02:00:02Z",
        "completionTime": "2026-11-01T02:14:31Z",
        "duration": "14m29s",
        "attempt": 1,
        "progress": {"done": 1204, "total": 1204, "summary": "1204/1204"},
        "cluster": {"name": "daily-20261101-abcde-1", "workers": "4/4"},
        "result": {"rows": 1204331, "path": "s3://data/2026-11-01"},
        "attempts": [
            {
                "number": 1,
                "cluster": "daily-20261101-abcde-1",
                "startTime": "2026-11-01T02:00:02Z",
                "endTime": "2026-11-01T02:14:31Z",
                "begun": True,
                "outcome": "Succeeded",
                "exitCode": 0,
            }
        ],
        "conditions": [
            {
                "type": type_,
                "status": status,
                "reason": "Succeeded",
                "message": "The flow has succeeded.",
                "lastTransitionTime": "2026-11-01T02:14:31Z",
                "observedGeneration": 1,
            }
            for type_, status in (
                ("Ready", "True"),
                ("Reconciling", "False"),
                ("Stalled", "False"),
                ("Complete", "True"),
            )
        ],
    },
}


def finished(number: int) -> dict[str, Any]:
    """An ordinary run that has ended, as kubectl made it."""
    return _told(f"daily-{number:06}", FINISHED)


def large(number: int, shape: str) -> dict[str, Any]:
    """A suspended run of about 0.9 MB of JSON, whose bulk is somewhere."""
    values: dict[str, Any] = {
        "objects": [{"a": 1}] * 60_000,
        "numbers": list(range(70_000)),
        "text": "täglich 😀" * 40_000,
    }
    bulk = {"x": values[shape.rpartition(" of ")[2]]}
    spec: dict[str, Any] = {"image": "flows:1", "suspend": True, "flow": {"script": "result = 1"}}
    match shape.partition(" of ")[0]:
        case "config":
            spec["cluster"] = {"config": bulk}
        case "template":
            spec["template"] = {"spec": bulk}
        case _:
            spec["flow"]["parameters"] = bulk
    return _told(f"large-{number}", {"spec": spec, "status": {"phase": "Suspended"}})


def _told(name: str, parts: dict[str, Any]) -> dict[str, Any]:
    """With what kubectl and API servers add: everything once more as text, and whose which field is."""
    return {
        "metadata": {
            "name": name,
            "namespace": "data",
            "uid": f"{hash(name) % 2**48:036x}",
            "resourceVersion": str(hash(name) % 2**30),
            "generation": 1,
            "creationTimestamp": "2026-11-01T02:00:00Z",
            "labels": {"team": "data", "app.kubernetes.io/name": "daily"},
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": json.dumps({"spec": parts["spec"]})
            },
            "managedFields": [
                {"manager": manager, "fieldsV1": _owned(parts[part])}
                for manager, part in (("kubectl-client-side-apply", "spec"), ("daskflow-operator", "status"))
            ],
        },
        **parts,
    }


def _owned(value: Any) -> dict[str, Any]:
    return {f"f:{name}": _owned(each) for name, each in value.items()} if isinstance(value, dict) else {}


def filled(store: Store, bodies: Iterator[dict[str, Any]], size: int = PAGE) -> int:
    """Puts them as a list would; answers their bytes of JSON."""
    total, items = 0, list[str]()
    for body in [*bodies, None]:
        if body is not None:
            text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
            total += len(text.encode())
            items.append(text)
        if len(items) == size or (body is None and items):
            head = '{"apiVersion":"daskflow.dev/v1alpha1","metadata":{"resourceVersion":"1"},"items":['
            for found in page_from(f"{head}{','.join(items)}]}}".encode(), "FlowRun").items:
                store.put(found)
            items.clear()
    return total


SHAPES = (
    "parameters of objects",
    "parameters of numbers",
    "parameters of text",
    "config of objects",
    "template of objects",
)


def measured(case: str) -> tuple[int, int]:
    """Bytes of JSON and of memory."""
    store = Store(changed=lambda key: None)
    filled(store, (finished(number) for number in range(PAGE)))
    filled(store, (large(1000, SHAPES[0]) for _ in range(1)))
    before = _resident()
    if case == "finished":
        total = filled(store, (finished(number) for number in range(PAGE, 10_000 + PAGE)), 200)
    else:
        total = 0
        for number in range(LARGE):
            total += filled(store, iter([large(number, case)]))
    return total, _resident() - before


def _resident() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) * 1024


def main() -> None:
    """Prints the table."""
    if len(sys.argv) > 1:
        print(*measured(sys.argv[1]))
        return
    for case in ("finished", *SHAPES):
        command = [sys.executable, "-m", "benchmarks.memory", case]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        total, taken = map(int, done.stdout.split())
        what = "10,000 finished runs" if case == "finished" else f"{LARGE} runs, {case}"
        print(f"{what:34} {total / 1e6:7.1f} MB of JSON {taken / 1e6:7.1f} MB of memory {taken / total:6.2f}")


if __name__ == "__main__":
    main()
