"""The Secret of a runner that has no cluster of its own, and its pod's scheduling gate."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import yaml

from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.names import GATE_JOURNAL
from daskflow.manifests.certificates import certificate_files, control_token
from daskflow.manifests.cluster import mounted_certificates, with_runtime
from daskflow.manifests.merge import merged
from daskflow.manifests.objects import Object
from daskflow.manifests.settings import Settings


def gated(pod: dict[str, Any]) -> dict[str, Any]:
    """The same pod, which no node gets before `GATE_JOURNAL` is removed."""
    gates = [*(pod["spec"].get("schedulingGates") or ()), {"name": GATE_JOURNAL}]
    return {**pod, "spec": {**pod["spec"], "schedulingGates": gates}}


def runner_secret(
    run: Object,
    spec: FlowRunSpec,
    runner: Object,
    base: str,
    name: str,
    since: datetime,
    settings: Settings,
) -> dict[str, Any]:
    """All that the runner needs: runtime, Dask configuration, token, certificates.

    It belongs to the runner's pod and goes with it: the operator may not delete Secrets, and a run's record
    may stay for years. `since`: when the attempt was opened, from which the certificates hold for a year.
    They are for the clusters that the flow makes by itself; the user's own, for a scheduler elsewhere, are
    mounted in their place.
    """
    uid = run["metadata"]["uid"]
    files = {
        "dask.yaml": yaml.safe_dump(_configuration(spec)),
        "token": control_token(settings.root_key, uid),
    }
    if spec.security.tls.encrypted and not spec.scheduler_tls:
        files |= certificate_files(settings.root_key, uid, since)
    return with_runtime(runner, base, name, files, settings)


def _configuration(spec: FlowRunSpec) -> Mapping[str, Any]:
    """Where the certificates are; the scheme stays Dask's own, so that a LocalCluster is a plain one."""
    if not spec.security.tls.encrypted and not spec.scheduler_tls:
        return spec.cluster.config
    ours = {"distributed": {"comm": {"tls": mounted_certificates()}}}
    result: Mapping[str, Any] = merged(spec.cluster.config, ours)
    return result
