"""What can only be seen from elsewhere: who reaches a cluster's pods."""

from daskflow.api.names import DASK_CLUSTER
from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.check import Check, Make, ReadLogs, Unless, Until, expect
from daskflow.cli.verification.expectations import holds

_NOT_ENFORCED = (
    "this cluster's network does not enforce NetworkPolicies: whoever reaches pods reaches Dask's ports, and "
    "certificates alone keep them out"
)

CHECKS = (
    Check(
        "network",
        "a pod that is not the cluster's own does not reach its scheduler's ports",
        (
            Make(made.cluster(workers=0)),
            Until(when.registered(0), 60),
            Make(
                made.python_pod(
                    programs.PORTS,
                    "pod",
                    {"ADDRESS": lambda seen: seen.status("", DASK_CLUSTER).get("address")},
                )
            ),
            Until(when.pod_ended("pod"), 60),
            ReadLogs(part="pod", words="}"),
            expect(holds("the stranger has said nothing", lambda seen: "scheduler" in seen.logs)),
            Unless(
                lambda seen: '"open"' in seen.logs,
                _NOT_ENFORCED,
                "install a network plugin that does, for example Calico or Cilium",
            ),
        ),
        needs=("distributed",),
        weight=2,
        quick=True,
    ),
)
