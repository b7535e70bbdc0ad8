"""What a worker makes of job variables and a flow run: a FlowRun as it is sent to Kubernetes."""

import re
import shlex
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

from prefect.workers.base import BaseJobConfiguration
from pydantic import Field, ValidationError

from prefect_daskflow import names
from prefect_daskflow.environment import as_mapping, for_pods, split, unreachable
from prefect_daskflow.flowrun import FlowRunSpec
from prefect_daskflow.variables import manifest_template

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import Flow, FlowRun, WorkPool
    from prefect.client.schemas.responses import DeploymentResponse

Manifest = dict[str, Any]
_PLACEHOLDER = re.compile(r"{{\s*(\w+)")


class Unfit(ValueError):
    """Job variables of which no FlowRun can be made; the text names the field, and what to write."""


class DaskflowConfiguration(BaseJobConfiguration):
    """A job of this pool, before and after it is made ready for its flow run."""

    env: dict[str, Any] | list[dict[str, Any]] = Field(default_factory=dict)  # type: ignore[assignment]
    node_selector: dict[str, str] | None = None
    tolerations: list[dict[str, Any]] | None = None
    manifest: Manifest = Field(json_schema_extra={"template": manifest_template()})

    _flow_run: str = ""
    _pool: str = ""

    @classmethod
    def _coerce_env(cls, v: Any) -> Any:
        return as_mapping(v or {})

    @classmethod
    def _base_environment(cls) -> dict[str, str]:
        own: dict[str, str] = super()._base_environment()
        return for_pods(own)

    @classmethod
    async def from_template_and_values(
        cls, base_job_template: dict[str, Any], values: dict[str, Any], client: "PrefectClient | None" = None
    ) -> "DaskflowConfiguration":
        """Called by Prefect. Raises Unfit for a job variable that the pool does not have."""
        known = {*base_job_template["variables"].get("properties", {})}
        known |= set(_PLACEHOLDER.findall(str(base_job_template["job_configuration"])))
        for name in values:
            first = name.partition(".")[0]  # env.NAME is one of env
            if first not in known:
                near = get_close_matches(first, known, 1)
                remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}."
                raise Unfit(f"The work pool has no job variable {first}; {remedy}")
        made = await super().from_template_and_values(base_job_template, values, client=client)
        return cast("DaskflowConfiguration", made)

    def prepare_for_flow_run(
        self,
        flow_run: "FlowRun",
        deployment: "DeploymentResponse | None" = None,
        flow: "Flow | None" = None,
        work_pool: "WorkPool | None" = None,
        worker_name: str | None = None,
        worker_id: "UUID | None" = None,
    ) -> None:
        """Called by Prefect when it gives the flow run to this worker."""
        self.env = as_mapping(self.env)
        super().prepare_for_flow_run(flow_run, deployment, flow, work_pool, worker_name, worker_id)
        self._flow_run = str(flow_run.id)
        self._pool = str(work_pool.id) if work_pool else ""

    @property
    def namespace(self) -> str:
        """Where the FlowRun goes; empty where the worker's default holds."""
        return str((self.manifest.get("metadata") or {}).get("namespace") or "")

    def flow_run_name(self, submission: str) -> str:
        """What the FlowRun of a submission is called by whoever makes it first."""
        return names.flow_run_name(self.name or "", self._flow_run, submission)

    def flow_run_manifest(
        self, submission: str, namespace: str, api_secret: str = "", name: str = ""
    ) -> tuple[Manifest, dict[str, str]]:
        """The FlowRun of a submission [called as `flow_run_name` says], and what goes into its Secret.

        Raises Unfit.
        """
        if problem := unreachable(self.env if isinstance(self.env, Mapping) else {}):
            raise Unfit(f"{problem}.")
        name = name or self.flow_run_name(submission)
        given = _full(self.manifest)
        spec = dict(given.get("spec") or {})
        everywhere, runner, secrets = split(as_mapping(self.env), names.secret_name(name), api_secret)
        spec["env"] = _by_name(everywhere, spec.get("env") or [])
        spec["imagePullSecrets"] = [
            {"name": each} if isinstance(each, str) else each for each in spec.get("imagePullSecrets") or []
        ]
        if spec.get("clusterRef"):
            spec.pop("cluster", None)
        spec["flow"] = {"command": shlex.split(self.command or self._base_flow_run_command())}
        placed = {"spec": {"nodeSelector": self.node_selector, "tolerations": self.tolerations}}
        spec["template"] = _over(placed, spec.get("template") or {})
        metadata = dict(given.get("metadata") or {})
        annotations = metadata.get("annotations") or {}
        spec["runner"] = _with_runner(
            spec.get("runner") or {}, runner, names.labels(self.labels), annotations
        )
        metadata |= {
            "name": name,
            "namespace": namespace,
            "labels": {
                **names.labels(metadata.get("labels") or {}),
                names.FLOW_RUN: self._flow_run,
                names.WORK_POOL: self._pool,
            },
            "annotations": {**annotations, names.SUBMISSION: submission},
        }
        if secrets:
            metadata["annotations"][names.SECRET] = names.secret_name(name)
        return {**given, "metadata": metadata, "spec": _valid(_full(spec))}, secrets


def _valid(spec: Manifest) -> Manifest:
    try:
        FlowRunSpec.model_validate(spec)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        hint = (
            "set the job variable image"
            if where == "image"
            else "correct the job variables or the pool's template"
        )
        raise Unfit(f"spec.{where} of the FlowRun: {first['msg']}; {hint}.") from error
    if not (spec.get("image") or spec.get("clusterRef")):
        raise Unfit(
            "The job variable image is missing: name an image with prefect, prefect-dask and distributed."
        )
    return spec


def _full(value: Any) -> Any:
    """Without nulls and the empty mappings that unset variables leave behind."""
    if isinstance(value, Mapping):
        found = {key: _full(each) for key, each in value.items()}
        return {key: each for key, each in found.items() if each is not None and each != {} and each != []}
    if isinstance(value, list):
        return [_full(each) for each in value]
    return value


def _over(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Manifest:
    """`theirs` over `ours`, mapping by mapping."""
    result = dict(ours)
    for key, value in theirs.items():
        below = result.get(key)
        result[key] = (
            _over(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
        )
    return result


def _by_name(ours: list[Manifest], theirs: list[Manifest]) -> list[Manifest]:
    """Variables, of which those that the pool's template has win."""
    fixed = {each.get("name") for each in theirs}
    return [*(each for each in ours if each["name"] not in fixed), *theirs]


def _with_runner(
    runner: Manifest, env: list[Manifest], labels: dict[str, str], annotations: dict[str, str]
) -> Manifest:
    """The runner's part of the spec, with what only its pod has; below what the pool's template says."""
    template = dict(runner.get("template") or {})
    containers = list((template.get("spec") or {}).get("containers") or [])
    own: Manifest = next((each for each in containers if each.get("name") == "runner"), {"name": "runner"})
    others = [each for each in containers if each.get("name") != "runner"]
    own = {**own, "env": _by_name(env, own.get("env") or [])}
    ours = {"metadata": {"labels": labels, "annotations": annotations}}
    merged = _over(ours, template)
    merged["spec"] = {**(template.get("spec") or {}), "containers": [own, *others]}
    return {**runner, "template": merged}
