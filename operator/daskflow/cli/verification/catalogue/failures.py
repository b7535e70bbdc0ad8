"""Flows that fail, and in which words that is told."""

from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.check import Change, Check, Make, Object, Stays, Step, Until, expect
from daskflow.cli.verification.expectations import end, failure, failures, message, outcomes, pods_ever

CANCEL = Change("FlowRun", {"spec": {"cancel": True}})
_SOON = {"initial": "1s"}
_ABSENT: Object = {"secretKeyRef": {"name": "absent", "key": "k"}}
_INIT: Object = {
    "spec": {
        "initContainers": [
            {
                "name": "before",
                "image": lambda seen: seen.facts.image,
                "command": ["python3", "-c", "raise SystemExit('no luck today')"],
                "terminationMessagePolicy": "FallbackToLogsOnError",
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                },
            }
        ]
    }
}


def _fails(flow: object, reason: str, *more: object, **spec: object) -> tuple[Step, ...]:
    """A run that fails for this reason, in one attempt."""
    expectations = [each for each in more if callable(each)]
    return (
        Make(made.run(flow, **spec)),  # type: ignore[arg-type]
        Until(when.ended(), 120),
        expect(end("Failed", reason), outcomes("Failed"), *expectations),
    )


CHECKS = (
    Check(
        "raises",
        "an exception is told with its words and traceback, in an Event too; the flow does not run twice",
        (
            *_fails(
                programs.FAILS,
                "FlowFailed",
                message("the answer is not 42"),
                failure(exception="Wrong", message="the answer is not 42", traceback="deep"),
                failures(flow=1),
            ),
            Until(when.told("FlowFailed"), 15),
            Stays(when.phase("Failed"), 3),
            expect(pods_ever(1, "runner"), outcomes("Failed")),
        ),
        quick=True,
    ),
    Check(
        "exits",
        "a command's exit code is told",
        _fails({"command": ["sh", "-c", "exit 7"]}, "FlowFailed", message("7"), failures(flow=1)),
    ),
    Check(
        "signal",
        "a flow that a signal has killed is told apart",
        _fails("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "FlowKilled", message("SIGSEGV")),
    ),
    Check(
        "entrypoint",
        "an entrypoint that is not there is no reason to try again",
        _fails(
            {"entrypoint": "nowhere.at_all:flow"},
            "EntrypointInvalid",
            message("nowhere"),
            failures(),
            retries={"limit": 2, "backoff": _SOON},
        ),
        quick=True,
    ),
    Check(
        "parameters",
        "parameters that the flow does not take are named",
        _fails(
            {"entrypoint": "platform:python_version", "parameters": {"m": 1}},
            "ParametersInvalid",
            message("m"),
        ),
    ),
    Check(
        "words",
        "an exception of 100,000 letters is told in a sentence",
        _fails(programs.LONG_WORDS, "FlowFailed", message("long"), failures(flow=1)),
    ),
    Check(
        "forged",
        "last words of a scheduler that mean nothing are no outcome",
        (
            Make(made.run(programs.FORGES, workers=1)),
            Until(when.ended(), 150),
            expect(end("Failed"), outcomes("Failed"), failures(infrastructure=1)),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "init",
        "an init container that fails is named, with its last words",
        _fails(programs.SUM, "InitContainerFailed", message("no luck today"), runner={"template": _INIT}),
    ),
    Check(
        "memory",
        "a flow that needs more memory than its limit is told so",
        _fails(
            programs.HUNGRY,
            "OutOfMemory",
            message("memory"),
            runner={"resources": {"limits": {"memory": "150Mi"}}},
        ),
    ),
    Check(
        "tasks",
        "an exception in a task comes with the task's own traceback",
        _fails(
            programs.TASK_FAILS,
            "FlowFailed",
            failure(exception="ZeroDivisionError", traceback="divide"),
            workers=1,
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "template",
        "a template that undoes the pods' security is refused before anything is made",
        (
            Make(made.run(programs.SUM, runner={"template": {"spec": {"hostNetwork": True}}})),
            Until(when.ended(), 30),
            expect(end("Failed", "SpecInvalid"), message("hostNetwork"), pods_ever(0, "")),
        ),
        quick=True,
    ),
    Check(
        "hostpath",
        "Pod Security `restricted` is enforced, and its refusal ends a run in its own words",
        _fails(
            programs.SUM,
            "Refused",
            message("PodSecurity"),
            runner={"template": {"spec": {"volumes": [{"name": "node", "hostPath": {"path": "/"}}]}}},
        ),
        needs=("own namespace",),
        quick=True,
    ),
    Check(
        "schema",
        "a field that does not exist is refused by the API server",
        (Make(made.run(programs.SUM, nonsense=1), refused="unknown field"),),
        quick=True,
    ),
    Check(
        "pull",
        "an image that cannot be pulled is told of while it is waited for, and the start deadline ends that",
        (
            Make(made.run(programs.SUM, image="registry.invalid/none:1", deadlines={"start": "15s"})),
            Until(when.reason("ImagePullFailed"), 40),
            Until(when.ended(), 60),
            expect(end("Failed", "DeadlineExceeded"), message("pulled")),
            Until(when.pods(0), 40),
        ),
    ),
    Check(
        "imagename",
        "an image's name that is none is told",
        _fails(programs.SUM, "ImageInvalid", message("spec.image"), image="Not A Name"),
    ),
    Check(
        "config",
        "a Secret that is not there is named, and a run that is cancelled meanwhile goes at once",
        (
            Make(
                made.run(
                    programs.SUM,
                    env=[{"name": "A", "valueFrom": _ABSENT}],
                    runner={
                        "template": {
                            "spec": {"volumes": [{"name": "absent", "secret": {"secretName": "absent"}}]}
                        }
                    },
                )
            ),
            Until(when.reason("ConfigInvalid"), 60),
            expect(message("absent")),
            CANCEL,
            Until(when.ended(), 20),
            expect(end("Cancelled")),
            Until(when.pods(0), 20),
        ),
    ),
    Check(
        "unschedulable",
        "what no node takes is told of at once, and the start deadline ends the wait",
        (
            Make(
                made.run(
                    programs.SUM,
                    deadlines={"start": "8s"},
                    template={"spec": {"nodeSelector": {"no.such/node": "true"}}},
                )
            ),
            Until(when.reason("Unschedulable"), 20),
            Until(when.ended(), 30),
            expect(end("Failed", "DeadlineExceeded"), outcomes("Failed")),
            Until(when.pods(0), 20),
        ),
        quick=True,
    ),
)
