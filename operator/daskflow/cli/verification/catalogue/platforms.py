"""What a platform says: defaults, quiet hours, quotas, admission, networks."""

import json

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN
from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.check import (
    Change,
    Check,
    Make,
    Object,
    ReadLogs,
    Remove,
    Stays,
    Unless,
    Until,
    expect,
)
from daskflow.cli.verification.expectations import at, ever, holds, pods_ever, result
from daskflow.cli.verification.observed import Observed


def _admission(seen: Observed) -> Object:
    """Refuses writes of one run's status."""
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": f"{seen.facts.namespace}-status"},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": seen.facts.namespace}},
                "resourceRules": [
                    {
                        "apiGroups": ["daskflow.dev"],
                        "apiVersions": ["*"],
                        "operations": ["UPDATE"],
                        "resources": ["flowruns/status"],
                    }
                ],
            },
            "validations": [
                {
                    "expression": f"object.metadata.name != {json.dumps(seen.name('run'))}",
                    "message": "verified",
                }
            ],
        },
    }


def _binding(seen: Observed) -> Object:
    name = f"{seen.facts.namespace}-status"
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Deny"]},
    }


_ADDRESS: Object = {"ADDRESS": lambda seen: seen.status("", DASK_CLUSTER).get("address")}

CHECKS = (
    Check(
        "quota",
        "a pod that a quota refuses is waited for, it is said which, and the run goes on when there is room",
        (
            Make(made.quota(requests_ephemeral__storage="1Mi")),
            Stays(when.no(when.exists(FLOW_RUN)), 2),
            Make(made.run(programs.SUM, runner={"resources": {"requests": {"ephemeral-storage": "2Mi"}}})),
            Until(when.reason("QuotaExceeded"), 30),
            Change("ResourceQuota", {"spec": {"hard": {"requests.ephemeral-storage": "1Gi"}}}),
            Until(when.ended(), 120),
            expect(result(45)),
        ),
    ),
    Check(
        "journal",
        "where a run's status cannot be written nothing is made, and the run begins as soon as it can",
        (
            Make(_admission),
            Make(_binding),
            Stays(when.no(when.exists(FLOW_RUN)), 6),
            Make(made.run(programs.SUM, "run")),
            Stays(when.pods(0), 6),
            Unless(
                lambda seen: bool(seen.status("run").get("phase")),
                "the admission policy of this check was not in force within 6 s",
                "try it alone: --only journal",
            ),
            expect(pods_ever(0, ""), ever(0, DASK_CLUSTER)),
            Remove("ValidatingAdmissionPolicyBinding", lambda seen: f"{seen.facts.namespace}-status"),
            Until(when.ended("run"), 90),
            expect(result(45, "run")),
        ),
        needs=("own namespace",),
    ),
    Check(
        "stranger",
        "a client without the cluster's certificates is refused",
        (
            Make(made.cluster(workers=0)),
            Until(when.registered(0), 60),
            Make(made.python_pod(programs.STRANGER, "pod", _ADDRESS)),
            Until(when.pod_ended("pod"), 60),
            ReadLogs(part="pod", words="}"),
            expect(
                holds("a client without certificates was let in", lambda seen: "45" not in seen.logs),
                holds("the stranger has said nothing", lambda seen: "tls" in seen.logs),
                at(when.registered(0)),
            ),
        ),
        needs=("distributed",),
        weight=3,
        quick=True,
    ),
)
