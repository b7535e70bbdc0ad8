# ruff: noqa: E501
"""A FlowRun's spec and status as models; made from its definition by `make crds`, so do not edit."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

GROUP = "daskflow.dev"
VERSION = "v1alpha1"
PLURAL = "flowruns"


RULE = "rule"
"""The type of an error that is one of the definition's own sentences."""
QUANTITY = r"^[+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2})?$"


@dataclass(frozen=True)
class Rule:
    """What a text, or that of a key, has to look like, or must not."""

    pattern: str
    said: str
    wanted: bool = True
    key: str = ""

    def __call__(self, value: Any) -> Any:
        """The value itself."""
        found = value.get(self.key) if self.key else value
        if found is not None and bool(re.search(self.pattern, str(found))) != self.wanted:
            raise PydanticCustomError(RULE, self.said, {"value": found})
        return value


class Given(BaseModel):
    """What is written: fields by their names here or by Kubernetes', and no others."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Read(BaseModel):
    """What is read: also that of an operator that knows more fields, or more values of one."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow")


IS_NO_ENTRYPOINT = AfterValidator(
    Rule(
        "^[^:]+:[A-Za-z_][A-Za-z0-9_.]*$",
        '"{value}" is no entrypoint; write module:attr or path.py:attr, for example flows.etl:flow',
    )
)
IS_NOT_A_KUBERNETES_QUANTITY = AfterValidator(
    Rule(QUANTITY, '"{value}" is not a Kubernetes quantity; write for example 500m, 2 or 4Gi')
)
MEMORY_IS_LESS_THAN_1MI = AfterValidator(
    Rule(
        "^0*[1-9][0-9]{0,5}([.][0-9]*)?$|^0*[1-9][0-9]{0,8}([.][0-9]*)?[mun]$",
        'memory "{value}" is less than 1Mi; m stands for thousandths and no letter for bytes, write for example 512Mi',
        wanted=False,
        key="memory",
    )
)
EPHEMERAL_STORAGE_IS_LESS_THAN_1MI = AfterValidator(
    Rule(
        "^0*[1-9][0-9]{0,5}([.][0-9]*)?$|^0*[1-9][0-9]{0,8}([.][0-9]*)?[mun]$",
        'ephemeral-storage "{value}" is less than 1Mi; m stands for thousandths and no letter for bytes, write for example 512Mi',
        wanted=False,
        key="ephemeral-storage",
    )
)
IS_NOT_A_DURATION = AfterValidator(
    Rule("^([0-9]{1,9}[smhd])+$", '"{value}" is not a duration; write for example 90s, 10m, 2h or 7d')
)
IS_LESS_THAN_1MI = AfterValidator(
    Rule(
        "^0*[1-9][0-9]{0,5}([.][0-9]*)?$|^0*[1-9][0-9]{0,8}([.][0-9]*)?[mun]$",
        '"{value}" is less than 1Mi; m stands for thousandths and no letter for bytes, write for example 512Mi',
        wanted=False,
    )
)
A_CLUSTERPOOL_S_NAME_HAS_SMALL_LETTERS_DIGITS_AND_ALONE_AND_A_LETTER_OR_DIGIT_AT_BOTH_ENDS = AfterValidator(
    Rule(
        "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
        "a ClusterPool's name has small letters, digits, '-' and '.' alone, and a letter or digit at both ends",
    )
)
IS_NO_ADDRESS_OF_A_SCHEDULER = AfterValidator(
    Rule(
        "^(tcp|tls)://[^/ ]+:[0-9]+$",
        '"{value}" is no address of a scheduler; write tcp://host:8786 or tls://host:8786',
    )
)
IS_NO_TIME_OF_THE_DAY = AfterValidator(
    Rule("^(([01][0-9]|2[0-3]):[0-5][0-9])$", '"{value}" is no time of the day; write for example "08:00"')
)
IS_NO_TIME_OF_THE_DAY_EITHER = AfterValidator(
    Rule(
        "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
        '"{value}" is no time of the day; write for example "08:00"',
    )
)


class ImagePullSecret(Given):
    """Names an object of the namespace."""

    name: str = Field(min_length=1, max_length=253, description="Its name.")


class Env(Given):
    """An environment variable, as in a pod."""

    name: str = Field(min_length=1, max_length=256, description="Its name.")
    value: str | None = Field(default=None, description="Its value.")
    value_from: dict[str, Any] | None = Field(
        default=None, description="A key of a Secret or ConfigMap, or a field of the pod, as in a pod."
    )


class ConfigMapRef(Given):
    """A ConfigMap."""

    name: str = Field(min_length=1, max_length=253, description="Its name.")
    optional: bool | None = Field(default=None, description="Whether it may be missing [false].")


class SecretRef(Given):
    """A Secret."""

    name: str = Field(min_length=1, max_length=253, description="Its name.")
    optional: bool | None = Field(default=None, description="Whether it may be missing [false].")


class EnvFrom(Given):
    """A ConfigMap or Secret whose keys become environment variables, as in a pod."""

    prefix: str | None = Field(default=None, description="Put before each key.")
    config_map_ref: ConfigMapRef | None = Field(default=None, description="A ConfigMap.")
    secret_ref: SecretRef | None = Field(default=None, description="A Secret.")


class Tls(Given):
    """Encryption and authentication between the pods."""

    mode: Literal["Managed", "Disabled", "Secret"] | None = Field(
        default=None,
        description="Managed: a certificate authority of the cluster's own, all connections authenticated by certificates [Managed]. Disabled: plain TCP. Secret: certificates that you bring.",
    )
    secret_name: str | None = Field(
        default=None,
        min_length=1,
        max_length=253,
        description="With mode Secret: a Secret of the namespace with ca.crt, tls.crt and tls.key.",
    )


class Client(Given):
    """Pods that may reach the scheduler, as a peer of a Kubernetes NetworkPolicy."""

    pod_selector: dict[str, Any] | None = Field(default=None, description="A label selector of pods.")
    namespace_selector: dict[str, Any] | None = Field(
        default=None, description="A label selector of namespaces [the cluster's own]."
    )


class NetworkPolicy(Given):
    """Who may open connections to the pods."""

    enabled: bool | None = Field(
        default=None,
        description="Only the cluster's own pods, the operator and `clients` may connect [true].",
    )
    clients: list[Client] | None = Field(
        default=None, max_length=32, description="Pods and namespaces whose clients may reach the scheduler."
    )


class Security(Given):
    """Encryption and the pods' user."""

    tls: Tls | None = Field(default=None, description="Encryption and authentication between the pods.")
    network_policy: NetworkPolicy | None = Field(
        default=None, description="Who may open connections to the pods."
    )
    run_as_user: int | str | None = Field(
        default=None,
        description="The numeric user all containers run as; Image: the image's own, for platforms that assign users [1000].",
    )


class FilesConfigMapRef(Given):
    """A ConfigMap of the namespace; its files are mounted in every pod, on the import path."""

    name: str = Field(min_length=1, max_length=253, description="Its name.")


class SourceConfigMapRef(Given):
    """A ConfigMap of the namespace."""

    name: str = Field(min_length=1, max_length=253, description="Its name.")


class SourceSecretRef(Given):
    """A Secret of the namespace."""

    name: str = Field(min_length=1, max_length=253, description="Its name.")


class Source(Given):
    """One ConfigMap or Secret with files, or with a part of an archive of them."""

    config_map_ref: SourceConfigMapRef | None = Field(
        default=None, description="A ConfigMap of the namespace."
    )
    secret_ref: SourceSecretRef | None = Field(default=None, description="A Secret of the namespace.")
    archive: bool | None = Field(
        default=None,
        description="It holds parts of a compressed tar; those of all such sources, in the order of their keys, are one archive, which is unpacked in every pod and is the working directory there [false].",
    )


class Files(Given):
    """Files besides those of the image."""

    config_map_ref: FilesConfigMapRef | None = Field(
        default=None,
        description="A ConfigMap of the namespace; its files are mounted in every pod, on the import path.",
    )
    sources: list[Source] | None = Field(
        default=None,
        min_length=1,
        max_length=32,
        description="More of them, and archives; of files with the same name the last one counts.",
    )


class Flow(Given):
    """What to run."""

    entrypoint: Annotated[str, IS_NO_ENTRYPOINT] | None = Field(
        default=None,
        max_length=500,
        description="`module:attr` or `path.py:attr`: a function, coroutine function or Dask object.",
    )
    script: str | None = Field(
        default=None,
        min_length=1,
        max_length=65536,
        description="Python text, run as `__main__`; its last `result = …` is the result.",
    )
    command: list[str] | None = Field(
        default=None,
        min_length=1,
        max_length=256,
        description="Any program; it finds the scheduler in DASK_SCHEDULER_ADDRESS.",
    )
    files: Files | None = Field(default=None, description="Files besides those of the image.")
    parameters: dict[str, Any] | None = Field(
        default=None,
        description="Keyword arguments of the entrypoint; DASKFLOW_PARAMETERS for script and command.",
    )


class Resources(Given):
    """Of the runner's container."""

    requests: (
        Annotated[
            dict[str, Annotated[int | str, IS_NOT_A_KUBERNETES_QUANTITY]],
            MEMORY_IS_LESS_THAN_1MI,
            EPHEMERAL_STORAGE_IS_LESS_THAN_1MI,
        ]
        | None
    ) = Field(default=None, description="What the node must have free.")
    limits: (
        Annotated[
            dict[str, Annotated[int | str, IS_NOT_A_KUBERNETES_QUANTITY]],
            MEMORY_IS_LESS_THAN_1MI,
            EPHEMERAL_STORAGE_IS_LESS_THAN_1MI,
        ]
        | None
    ) = Field(default=None, description="What the container may use at most.")


class Runner(Given):
    """The pod in which the flow's own process runs."""

    resources: Resources | None = Field(default=None, description="Of the runner's container.")
    forward_logs: bool | None = Field(
        default=None, description="Show what workers print and log in the runner's log, too [false]."
    )
    template: dict[str, Any] | None = Field(
        default=None, description="A pod template merged over the shared one."
    )


class Scheduler(Given):
    """The Dask scheduler."""

    resources: Resources | None = Field(default=None, description="Of the scheduler's container.")
    args: list[str] | None = Field(
        default=None, max_length=64, description="Passed through to `dask scheduler`."
    )
    template: dict[str, Any] | None = Field(
        default=None, description="A pod template merged over the shared one."
    )


class Autoscale(Given):
    """Between two bounds; overrides replicas."""

    minimum: int | None = Field(default=None, ge=0, le=2000, description="At least so many [0].")
    maximum: int = Field(ge=1, le=2000, description="At most so many.")
    scale_down_delay: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None,
        max_length=20,
        description="How long fewer must have been enough before workers go [1m].",
    )
    target_duration: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None,
        max_length=20,
        description="In what time the waiting work is to be done: less asks for more workers [5s].",
    )

    @model_validator(mode="after")
    def _ordered(self) -> Any:
        if self.minimum is not None and self.minimum > self.maximum:
            raise PydanticCustomError(RULE, "minimum is above maximum; lower it or raise maximum")
        return self


class Total(Given):
    """As many workers as this takes; overrides replicas."""

    cores: int | None = Field(default=None, ge=1, le=2048000, description="Threads of all workers together.")
    memory: Annotated[int | str, IS_NOT_A_KUBERNETES_QUANTITY, IS_LESS_THAN_1MI] | None = Field(
        default=None, description="Memory limits of all workers together."
    )


class Scratch(Given):
    """The volume that workers spill to."""

    size_limit: Annotated[int | str, IS_NOT_A_KUBERNETES_QUANTITY, IS_LESS_THAN_1MI] | None = Field(
        default=None, description="Of the emptyDir [none]."
    )


class Workers(Given):
    """The workers of the default group."""

    replicas: int | None = Field(
        default=None,
        ge=0,
        le=2000,
        description="How many [2]. With 0 the flow of a FlowRun runs alone in its pod, without a cluster.",
    )
    autoscale: Autoscale | None = Field(default=None, description="Between two bounds; overrides replicas.")
    total: Total | None = Field(
        default=None, description="As many workers as this takes; overrides replicas."
    )
    required: int | None = Field(
        default=None,
        ge=1,
        le=2000,
        description="A flow begins when all workers are there, or this many of them after `patience` [all].",
    )
    patience: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None, max_length=20, description="How long a flow waits for more than `required` [15s]."
    )
    threads: int | None = Field(
        default=None,
        ge=1,
        le=1024,
        description="Threads of a worker [its CPU request or limit, rounded up; else 1].",
    )
    resources: Resources | None = Field(default=None, description="Of each worker's container.")
    scratch: Scratch | None = Field(default=None, description="The volume that workers spill to.")
    dask_resources: dict[str, float] | None = Field(
        default=None, description="What each worker offers to `client.submit(…, resources={…})`."
    )
    nanny: bool | None = Field(
        default=None,
        description="Run each worker under Dask's nanny: `client.restart()` and nanny plugins work [false].",
    )
    drain_timeout: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None,
        max_length=20,
        description="How long a worker that is to go may finish what it is running [1m].",
    )
    args: list[str] | None = Field(
        default=None, max_length=64, description="Passed through to `dask worker`."
    )
    template: dict[str, Any] | None = Field(
        default=None, description="A pod template merged over the shared one."
    )


class WorkerGroup(Given):
    """A named group of workers besides the default one."""

    replicas: int | None = Field(
        default=None,
        ge=0,
        le=2000,
        description="How many [2]. With 0 the flow of a FlowRun runs alone in its pod, without a cluster.",
    )
    autoscale: Autoscale | None = Field(default=None, description="Between two bounds; overrides replicas.")
    total: Total | None = Field(
        default=None, description="As many workers as this takes; overrides replicas."
    )
    required: int | None = Field(
        default=None,
        ge=1,
        le=2000,
        description="A flow begins when all workers are there, or this many of them after `patience` [all].",
    )
    patience: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None, max_length=20, description="How long a flow waits for more than `required` [15s]."
    )
    threads: int | None = Field(
        default=None,
        ge=1,
        le=1024,
        description="Threads of a worker [its CPU request or limit, rounded up; else 1].",
    )
    resources: Resources | None = Field(default=None, description="Of each worker's container.")
    scratch: Scratch | None = Field(default=None, description="The volume that workers spill to.")
    dask_resources: dict[str, float] | None = Field(
        default=None, description="What each worker offers to `client.submit(…, resources={…})`."
    )
    nanny: bool | None = Field(
        default=None,
        description="Run each worker under Dask's nanny: `client.restart()` and nanny plugins work [false].",
    )
    drain_timeout: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None,
        max_length=20,
        description="How long a worker that is to go may finish what it is running [1m].",
    )
    args: list[str] | None = Field(
        default=None, max_length=64, description="Passed through to `dask worker`."
    )
    template: dict[str, Any] | None = Field(
        default=None, description="A pod template merged over the shared one."
    )
    name: str = Field(min_length=1, max_length=20, description="Its name.")


class Cluster(Given):
    """The cluster it runs on."""

    scheduler: Scheduler | None = Field(default=None, description="The Dask scheduler.")
    workers: Workers | None = Field(default=None, description="The workers of the default group.")
    worker_groups: list[WorkerGroup] | None = Field(
        default=None,
        max_length=16,
        description="Further groups of workers, each with all the fields of workers.",
    )
    idle_timeout: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None,
        max_length=20,
        description="A cluster of its own stops when for so long no task ran or waited and no client held results [never].",
    )
    no_client_timeout: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None,
        max_length=20,
        description="A cluster of its own stops when for so long, from its readiness on, no client was connected, no run used it and no task ran or waited [never].",
    )
    dashboard: bool | None = Field(
        default=None, description="Serve Dask's dashboard on 127.0.0.1 of the scheduler's pod [false]."
    )
    config: dict[str, Any] | None = Field(
        default=None, description="Dask configuration (`distributed: {scheduler: {…}}`), a file in every pod."
    )


class Pool(Given):
    """A ClusterPool: what this spec leaves out is as in its template; a cluster of it that waits is used where nothing else is asked for here [none]."""

    name: Annotated[
        str, A_CLUSTERPOOL_S_NAME_HAS_SMALL_LETTERS_DIGITS_AND_ALONE_AND_A_LETTER_OR_DIGIT_AT_BOTH_ENDS
    ] = Field(min_length=1, max_length=50, description="The pool, in the run's namespace.")
    otherwise: Literal["Start", "Wait"] | None = Field(
        default=None,
        description="When no cluster of the pool can be used: Start one of the same template, or Wait for one [Start].",
    )


class ClusterRef(Given):
    """A DaskCluster that exists already, used and left as it is."""

    name: str = Field(min_length=1, max_length=253, description="Its name.")


class SchedulerTls(Given):
    """Certificates for schedulerAddress."""

    secret_name: str = Field(
        min_length=1,
        max_length=253,
        description="A Secret of the namespace with ca.crt, tls.crt and tls.key.",
    )


class Backoff(Given):
    """The wait between attempts."""

    initial: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None, max_length=20, description="Before the second attempt [10s]."
    )
    factor: int | None = Field(default=None, ge=1, le=100, description="From one to the next [2].")
    maximum: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None, max_length=20, description="At most [5m]."
    )


class Never(Given):
    """Failures that end the run at once."""

    exit_codes: list[int] | None = Field(default=None, max_length=64, description="Exit codes.")
    exceptions: list[str] | None = Field(
        default=None,
        max_length=64,
        description="Names of exception classes, subclasses included; also of what is in an exception group, or led to the failure.",
    )


class Retries(Given):
    """When a failed run is tried again."""

    limit: int | None = Field(
        default=None, ge=0, le=100, description="Further attempts after a failure of the flow [0]."
    )
    infrastructure_limit: int | None = Field(
        default=None,
        ge=0,
        le=100,
        description="The same after lost nodes, evictions or a dead scheduler, counted apart [as limit].",
    )
    start_limit: int | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Further attempts after faults before the flow's first line [3].",
    )
    backoff: Backoff | None = Field(default=None, description="The wait between attempts.")
    never: Never | None = Field(default=None, description="Failures that end the run at once.")


class Deadlines(Given):
    """How long things may take."""

    start: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None, max_length=20, description="From an attempt's beginning to the flow's first line [15m]."
    )
    active: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None, max_length=20, description="For the whole run, all attempts [none]."
    )


class QuietHours(Given):
    """Times of the day at which no attempt is opened; one that is open goes on [none]."""

    start: Annotated[str, IS_NO_TIME_OF_THE_DAY] = Field(
        max_length=64,
        description='From when no attempt is opened: hour and minute as text in quotes, "00:00" to "23:59".',
    )
    end: Annotated[str, IS_NO_TIME_OF_THE_DAY_EITHER] = Field(
        max_length=64,
        description='When attempts are opened again, as text in quotes, "00:00" to "24:00"; if that is before start, on the next day.',
    )
    time_zone: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="A name of the IANA time zone database, for example Europe/Berlin: the zone of start, end and days, also in a FlowSchedule that has another [UTC].",
    )
    days: list[Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]] | None = Field(
        default=None,
        max_length=7,
        description="The days on which quiet hours begin: Mon, Tue, Wed, Thu, Fri, Sat, Sun [all].",
    )


class Report(Given):
    """What is kept of where time and memory went."""

    to: str | None = Field(
        default=None,
        max_length=500,
        description="A URL (fsspec of the image, with the run's credentials) or an absolute path in the runner's pod, below which the record of each task is written [none].",
    )
    timeline: bool | None = Field(default=None, description="Keep the timeline in status.report [true].")


class Pods(Given):
    """Stopped scheduler and workers."""

    on_success: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None, max_length=20, description="After success [0s]."
    )
    on_failure: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None, max_length=20, description="After failure or cancellation [1h]."
    )


class RetentionRunner(Given):
    """The runner's stopped pod."""

    on_success: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None, max_length=20, description="After success [1d]."
    )
    on_failure: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None, max_length=20, description="After failure or cancellation [7d]."
    )


class Record(Given):
    """The FlowRun itself."""

    on_success: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None, max_length=20, description="After success [never]."
    )
    on_failure: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None, max_length=20, description="After failure or cancellation [never]."
    )


class Retention(Given):
    """What stays for how long."""

    pods: Pods | None = Field(default=None, description="Stopped scheduler and workers.")
    runner: RetentionRunner | None = Field(default=None, description="The runner's stopped pod.")
    record: Record | None = Field(default=None, description="The FlowRun itself.")


class FlowRunSpec(Given):
    """One run of a flow: scheduler, workers and runner start at once, and go when it has ended."""

    image: str | None = Field(
        default=None,
        min_length=1,
        max_length=500,
        description="The image of scheduler, workers and runner. Anything with Python and `distributed` [that of clusterRef or pool].",
    )
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] | None = Field(
        default=None, description="When the node pulls the image [Kubernetes' own default for the tag]."
    )
    image_pull_secrets: list[ImagePullSecret] | None = Field(
        default=None, max_length=16, description="Secrets for the image's registry."
    )
    env: list[Env] | None = Field(
        default=None, max_length=256, description="Environment variables of all pods."
    )
    env_from: list[EnvFrom] | None = Field(
        default=None, max_length=32, description="ConfigMaps and Secrets as environment of all pods."
    )
    service_account_name: str | None = Field(
        default=None,
        max_length=253,
        description="Of all pods; its token is mounted only where a template asks for it.",
    )
    priority_class_name: str | None = Field(default=None, max_length=253, description="Of all pods.")
    template: dict[str, Any] | None = Field(
        default=None,
        description="A pod template merged over that of all pods: volumes, nodeSelector, tolerations, labels, annotations. Containers are named scheduler, worker and runner.",
    )
    security: Security | None = Field(default=None, description="Encryption and the pods' user.")
    flow: Flow = Field(description="What to run.")
    runner: Runner | None = Field(default=None, description="The pod in which the flow's own process runs.")
    cluster: Cluster | None = Field(default=None, description="The cluster it runs on.")
    pool: Pool | None = Field(
        default=None,
        description="A ClusterPool: what this spec leaves out is as in its template; a cluster of it that waits is used where nothing else is asked for here [none].",
    )
    cluster_ref: ClusterRef | None = Field(
        default=None, description="A DaskCluster that exists already, used and left as it is."
    )
    scheduler_address: Annotated[str, IS_NO_ADDRESS_OF_A_SCHEDULER] | None = Field(
        default=None, max_length=300, description="Any Dask scheduler, used and left as it is."
    )
    scheduler_tls: SchedulerTls | None = Field(
        default=None, alias="schedulerTLS", description="Certificates for schedulerAddress."
    )
    retries: Retries | None = Field(default=None, description="When a failed run is tried again.")
    deadlines: Deadlines | None = Field(default=None, description="How long things may take.")
    quiet_hours: QuietHours | None = Field(
        default=None,
        description="Times of the day at which no attempt is opened; one that is open goes on [none].",
    )
    report: Report | None = Field(default=None, description="What is kept of where time and memory went.")
    retention: Retention | None = Field(default=None, description="What stays for how long.")
    suspend: bool | None = Field(default=None, description="Keep everything stopped while true [false].")
    cancel: bool | None = Field(
        default=None,
        description="End the run: SIGTERM to the flow, then the grace period. Cannot be undone [false].",
    )
    cancel_grace_period: Annotated[str, IS_NOT_A_DURATION] | None = Field(
        default=None, max_length=20, description="From SIGTERM to SIGKILL [30s]."
    )


class Condition(Read):
    """One aspect of the object's state, in the shape all of Kubernetes uses."""

    type: str | None = Field(
        default=None,
        description="Ready, Reconciling, Stalled (kstatus), ClusterReady, Succeeded, ImageSkew, CertificateExpiring, WriteRefused, CatchUpCut or Unused.",
    )
    status: str | None = Field(default=None, description="Whether the condition holds.")
    reason: str | None = Field(default=None, description="A CamelCase word from the table of reasons.")
    message: str | None = Field(default=None, description="One sentence for people.")
    observed_generation: int | None = Field(
        default=None, description="The generation of the spec this was found for."
    )
    last_transition_time: str | None = Field(default=None, description="When `status` last changed.")


class Failures(Read):
    """Budgets of `retries` used up."""

    flow: int | None = Field(default=None, description="Failures of the flow itself.")
    infrastructure: int | None = Field(
        default=None, description="Faults of the infrastructure after the flow's first line."
    )
    start: int | None = Field(default=None, description="Faults before the flow's first line.")


class AttemptRunner(Read):
    """The runner's pod, where no scheduler of the run's own guards the attempt."""

    pod: str | None = Field(default=None, description="Its name.")
    uid: str | None = Field(default=None, description="Its uid, written down before the pod may start.")


class Claim(Read):
    """Whether its cluster waited for it, where `spec.pool` or `prewarm` says so."""

    pool: str | None = Field(
        default=None, description="The ClusterPool; empty for a cluster made ahead of a tick."
    )
    reason: str | None = Field(
        default=None, description="Claimed; or why the attempt has a cluster that was started for it."
    )
    message: str | None = Field(default=None, description="The same in one sentence.")
    told_time: str | None = Field(
        default=None, description="When the waiting cluster was last told of the run."
    )
    made_time: str | None = Field(default=None, description="When the claimed cluster was made.")
    ready_time: str | None = Field(
        default=None, description="When the claimed cluster had become ready, if it waited."
    )
    waited: bool | None = Field(
        default=None, description="Whether it was ready when it was claimed; else it was starting."
    )


class Attempt(Read):
    """One attempt. It is open, and the only one that may own anything live, until it has an endTime."""

    number: int | None = Field(default=None, description="From 1.")
    cluster: str | None = Field(default=None, description="The name of its DaskCluster, if it has one.")
    cluster_uid: str | None = Field(
        default=None, description="The uid of that DaskCluster, written down before a runner may use it."
    )
    runner: AttemptRunner | None = Field(
        default=None, description="The runner's pod, where no scheduler of the run's own guards the attempt."
    )
    claim: Claim | None = Field(
        default=None, description="Whether its cluster waited for it, where `spec.pool` or `prewarm` says so."
    )
    start_time: str | None = Field(default=None, description="When it was opened.")
    flow_start_time: str | None = Field(default=None, description="The flow's first line.")
    end_time: str | None = Field(default=None, description="When it was closed.")
    outcome: str | None = Field(default=None, description="How it ended.")
    reason: str | None = Field(default=None, description="Why, in one word.")
    message: str | None = Field(default=None, description="Why, in one sentence.")
    exit_code: int | None = Field(default=None, description="Of the flow's process.")
    budget: str | None = Field(
        default=None, description="Which budget of `retries` its failure counts against."
    )
    efficiency: float | None = Field(default=None, description="As in its report, if there was one.")
    peak_memory: str | None = Field(
        default=None, description="The most that one of its workers' processes had, for example 7.0Gi."
    )


class FlowRunStatusCluster(Read):
    """The cluster of the present attempt."""

    name: str | None = Field(default=None, description="The DaskCluster.")
    address: str | None = Field(default=None, description="The scheduler's address.")
    dashboard: str | None = Field(default=None, description="How to reach the dashboard: a kubectl command.")
    workers_ready: int | None = Field(default=None, description="Registered with the scheduler.")
    workers_desired: int | None = Field(default=None, description="As many as the spec asks for.")
    workers: str | None = Field(default=None, description="Ready and desired workers, for `kubectl get`.")


class Progress(Read):
    """How far the flow is."""

    done: int | None = Field(default=None, description="Tasks done.")
    total: int | None = Field(default=None, description="Tasks known to the scheduler so far.")
    summary: str | None = Field(default=None, description="Done and total, for `kubectl get`.")


class Failure(Read):
    """The exception that ended the flow."""

    exception: str | None = Field(default=None, description="The name of its class.")
    message: str | None = Field(default=None, description="What it says.")
    traceback: str | None = Field(default=None, description="The last lines, user code first.")


class ThreadSeconds(Read):
    """Where the workers' time went."""

    paid: float | None = Field(
        default=None, description="Threads of workers times the seconds they were registered."
    )
    busy: float | None = Field(default=None, description="Thread-seconds spent in tasks.")
    idle: float | None = Field(
        default=None,
        description="Paid thread-seconds in moments at which no task was open: there was no work.",
    )
    queued: float | None = Field(
        default=None, description="Seconds that tasks which could have run waited for a thread, of all tasks."
    )


class Memory(Read):
    """Memory of the workers."""

    peak: str | None = Field(
        default=None, description="The most that one worker's process had, for example 7.0Gi."
    )
    by: str | None = Field(default=None, description="The worker that had it.")
    limit: str | None = Field(default=None, description="The limit of that worker.")
    spilled: str | None = Field(
        default=None, description="Written to disk for want of memory, by all workers."
    )


class ReportWorkers(Read):
    """How many workers there were."""

    count: int | None = Field(default=None, description="The most that were registered at once.")
    threads: int | None = Field(default=None, description="The most threads that were registered at once.")
    deaths: int | None = Field(default=None, description="Workers that were lost while they were needed.")
    absent: float | None = Field(
        default=None, description="Seconds in which there were tasks to run and no worker at all."
    )


class Prefixe(Read):
    """Tasks of one kind: Dask's prefix of their keys."""

    name: str | None = Field(
        default=None, description="As in Dask's dashboard; `others` are all that are one too many."
    )
    tasks: int | None = Field(default=None, description="Tasks done, repetitions included.")
    seconds: float | None = Field(default=None, description="Thread-seconds spent in them.")
    longest: float | None = Field(default=None, description="Seconds of the longest.")
    bytes: str | None = Field(default=None, description="Of their results.")


class Cost(Read):
    """By the chart's prices; nothing where it has none."""

    amount: str | None = Field(default=None, description='For example "0.42".')
    currency: str | None = Field(default=None, description="For example EUR.")


class FlowRunStatusReport(Read):
    """Where time and memory of the last attempt that was closed went."""

    seconds: float | None = Field(
        default=None, description="From the scheduler's start, or the first lease, to the attempt's end."
    )
    tasks: int | None = Field(default=None, description="Dask tasks done, repetitions included.")
    failed: int | None = Field(default=None, description="Tasks that ended with an exception.")
    efficiency: float | None = Field(
        default=None, description="Busy over paid thread-seconds, 0 to 1; nothing where there was no worker."
    )
    thread_seconds: ThreadSeconds | None = Field(default=None, description="Where the workers' time went.")
    memory: Memory | None = Field(default=None, description="Memory of the workers.")
    moved: str | None = Field(default=None, description="Sent from worker to worker.")
    moved_seconds: float | None = Field(
        default=None, description="Seconds of these transfers, of all together."
    )
    workers: ReportWorkers | None = Field(default=None, description="How many workers there were.")
    prefixes: list[Prefixe] | None = Field(
        default=None, description="The kinds of tasks that took the most time, dearest first."
    )
    cost: Cost | None = Field(default=None, description="By the chart's prices; nothing where it has none.")
    timeline: str | None = Field(
        default=None, description="Paid and busy threads over time, for `daskflow` to draw; base64 of zlib."
    )
    hints: list[str] | None = Field(default=None, description="What could be done better, in sentences.")
    record: str | None = Field(default=None, description="Where the record of each task lies.")
    note: str | None = Field(default=None, description="Why the record of each task could not be kept.")


class Defaults(Read):
    """What the spec leaves open and the platform gave, as the run was begun."""

    sources: list[str] | None = Field(
        default=None, description="Who gave it: `pool`, `namespace`, `operator`."
    )
    spec: dict[str, Any] | None = Field(
        default=None, description="As if it stood in the spec; it stays as it is."
    )


class FlowRunStatus(Read):
    """What has become of the run."""

    observed_generation: int | None = Field(
        default=None, description="The generation of the spec that this status is about."
    )
    phase: str | None = Field(default=None, description="Where the run is in its life.")
    reason: str | None = Field(default=None, description="Why, in one word.")
    message: str | None = Field(default=None, description="Why, in one sentence a person can act on.")
    conditions: list[Condition] | None = Field(
        default=None, description="Ready, Reconciling, Stalled, ClusterReady, Instant, Succeeded."
    )
    start_time: str | None = Field(default=None, description="When the first attempt was opened.")
    flow_start_time: str | None = Field(
        default=None, description="The flow's first line, of the present attempt."
    )
    completion_time: str | None = Field(default=None, description="When the run reached its terminal phase.")
    duration: str | None = Field(default=None, description="From startTime to completionTime.")
    attempt: int | None = Field(default=None, description="The number of the present attempt.")
    failures: Failures | None = Field(default=None, description="Budgets of `retries` used up.")
    attempts: list[Attempt] | None = Field(default=None, description="The last 10 attempts.")
    cluster: FlowRunStatusCluster | None = Field(
        default=None, description="The cluster of the present attempt."
    )
    progress: Progress | None = Field(default=None, description="How far the flow is.")
    result: Any = Field(default=None, description="What the flow returned, as JSON.")
    result_note: str | None = Field(
        default=None, description="What there is to say about a result that is not here."
    )
    failure: Failure | None = Field(default=None, description="The exception that ended the flow.")
    report: FlowRunStatusReport | None = Field(
        default=None, description="Where time and memory of the last attempt that was closed went."
    )
    cancel_requested: bool | None = Field(default=None, description="`spec.cancel` was seen; it stays so.")
    defaults: Defaults | None = Field(
        default=None, description="What the spec leaves open and the platform gave, as the run was begun."
    )
    suspend_time: str | None = Field(
        default=None, description="Since when the run is suspended, or kept waiting by quiet hours."
    )
    suspended_seconds: int | None = Field(
        default=None, description="How long it was suspended, or kept waiting by quiet hours, before."
    )
