"""Flows of each kind, and what they return."""

from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.check import Check, Make, Object, ReadLogs, Send, Until, expect
from daskflow.cli.verification.expectations import end, holds, outcomes, printed, result
from daskflow.cli.verification.observed import Observed

PROBE = Check(
    "image",
    "a run starts in this image, and says what the image has",
    (Make(made.run(programs.PROBE)), Until(when.ended(), 120), expect(end("Succeeded"))),
    quick=True,
)
"""The first of all: without it nothing else can be proved."""


def _files(seen: Observed) -> Object:
    return {"configMapRef": {"name": seen.name("files")}}


def _path(attribute: str, **parameters: object) -> Object:
    return {"entrypoint": f"flows.py:{attribute}", "files": _files, "parameters": parameters}


_FLOWS = made.config_map(
    {"flows.py": programs.PATH, "graphs.py": programs.GRAPH, "prefects.py": programs.PREFECT},
    made.named("files"),
)

CHECKS = (
    Check(
        "module",
        "an entrypoint module:attr is called, and what it returns is the result",
        (
            Make(made.run({"entrypoint": "platform:python_version"})),
            Until(when.ended()),
            expect(
                holds(
                    "the result is not the image's version of Python",
                    lambda seen: seen.status().get("result") == seen.facts.python,
                ),
                outcomes("Succeeded"),
            ),
        ),
        quick=True,
    ),
    Check(
        "path",
        "an entrypoint path.py:attr is found in a ConfigMap, and is given its parameters",
        (
            Make(_FLOWS),
            Make(made.run(_path("flow", n=4, words=["a", "b"]))),
            Until(when.ended()),
            expect(result({"n": 5, "words": ["a", "b"]})),
        ),
        quick=True,
    ),
    Check(
        "coroutine",
        "a coroutine function is an entrypoint, too",
        (Make(_FLOWS), Make(made.run(_path("later", n=21))), Until(when.ended()), expect(result(42))),
    ),
    Check(
        "script",
        "a script runs on a cluster of its own, through the client that is there, and all of it goes",
        (
            Make(made.run(programs.SUM_ON_WORKERS, workers=1)),
            Until(when.ended(), 120),
            expect(result(45), outcomes("Succeeded")),
            Until(when.pods(0), 30),
            Until(when.gone_clusters(), 30),
        ),
        needs=("distributed",),
        quick=True,
        weight=3,
    ),
    Check(
        "command",
        "a command finds the scheduler and its parameters in its environment",
        (
            Make(
                made.run(
                    {"command": ["python3", "-c", programs.COMMAND], "parameters": {"rows": [1, 2, 3]}},
                    workers=1,
                )
            ),
            Until(when.ended(), 120),
            expect(end("Succeeded")),
            ReadLogs("runner", words="rows 3"),
            expect(printed("rows 3")),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "graph",
        "a Dask graph is an entrypoint, and is computed",
        (
            Make(_FLOWS),
            Make(made.run({"entrypoint": "graphs.py:graph", "files": _files}, workers=1)),
            Until(when.ended(), 120),
            expect(result(15)),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "prefect",
        "a flow of Prefect is run as one",
        (
            Make(_FLOWS),
            Make(
                made.run(
                    {"entrypoint": "prefects.py:doubles", "files": _files, "parameters": {"n": 21}}, workers=1
                )
            ),
            Until(when.ended(), 180),
            expect(result(42)),
        ),
        needs=("distributed", "prefect"),
        weight=3,
    ),
    Check(
        "sent",
        "the files of a project go along with a run, whatever the image has",
        (
            Send(
                {
                    "main.py": programs.CODE,
                    "parts/__init__.py": "",
                    "parts/more.py": "def doubled(n):\n    return 2 * n\n",
                    "data.txt": "here",
                },
                "main.py:flow",
            ),
            Until(when.ended()),
            expect(result([2, "here"])),
        ),
        quick=True,
    ),
    Check(
        "plain",
        "a cluster without encryption works where that is asked for",
        (
            Make(made.run(programs.SUM_ON_WORKERS, workers=1, security={"tls": {"mode": "Disabled"}})),
            Until(when.ended(), 120),
            expect(result(45)),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "progress",
        "progress is told while a flow runs",
        (
            Make(made.run(programs.MANY_TASKS.format(tasks=60), workers=1)),
            Until(when.progressing(), 120),
            Until(when.ended(), 60),
            expect(result(1770)),
        ),
        needs=("distributed",),
        weight=3,
    ),
)
