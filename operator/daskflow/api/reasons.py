"""Why something is as it is: the closed list of reasons that status, conditions and Events use.

The table of reasons in the documentation is made from it.
"""

from enum import StrEnum


class Reason(StrEnum):
    """A reason; its `meaning` is the line in the documentation's table."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> "Reason":
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    @classmethod
    def of(cls, word: object) -> "Reason | None":
        """The reason with this name, None where there is none."""
        return next((reason for reason in cls if reason.value == word), None)

    # The ordinary way.
    ACCEPTED = "Accepted", "The operator has seen the object and nothing exists for it yet."
    STARTING = "Starting", "Scheduler, workers and runner are being started."
    WAITING_FOR_WORKERS = "WaitingForWorkers", "Pods run; the flow begins when its workers have registered."
    RUNNING = "Running", "The flow has begun."
    READY = "Ready", "The cluster has a scheduler and all of its workers."
    SUCCEEDED = "Succeeded", "The flow ended and its result, if any, is in status."
    RETRYING = "Retrying", "An attempt failed; the next one starts after the backoff."
    WAITING_FOR_EARLIER = (
        "WaitingForEarlier",
        "Objects of an earlier attempt or incarnation are still going away.",
    )
    SUSPENDED = "Suspended", "`spec.suspend` is set: nothing runs."
    QUIET_HOURS = "QuietHours", "No attempt is opened before the quiet hours of `spec.quietHours` are over."
    CANCELLING = "Cancelling", "The flow was asked to end and has its grace period."
    CANCELLED = "Cancelled", "`spec.cancel` was set before the flow ended by itself."
    STOPPED = "Stopped", "The cluster ended as it was meant to."
    DELETED = "Deleted", "The object was deleted and somebody's finalizer keeps it: what it ran is ended."
    IDLE_TIMEOUT = "IdleTimeout", "Nobody used the cluster for as long as `spec.idleTimeout`."
    HOLDING_ACTORS = "HoldingActors", "A worker that is to go holds Dask actors, which cannot move: it stays."

    # The flow's own failures.
    FLOW_FAILED = "FlowFailed", "The flow raised an exception or exited with a code other than 0."
    FLOW_KILLED = "FlowKilled", "The flow's process was ended by a signal, for example a segmentation fault."
    ENTRYPOINT_INVALID = (
        "EntrypointInvalid",
        "The entrypoint's module, file or attribute is missing or cannot be run, or its code is no Python.",
    )
    PARAMETERS_INVALID = "ParametersInvalid", "The parameters do not fit the entrypoint's signature."
    OUT_OF_MEMORY = "OutOfMemory", "A container needed more memory than its limit."
    DEADLINE_EXCEEDED = "DeadlineExceeded", "A deadline of `spec.deadlines` passed."

    # Faults of the infrastructure.
    SCHEDULER_LOST = "SchedulerLost", "The Dask scheduler's pod ended while the flow needed it."
    SCHEDULER_UNREACHABLE = "SchedulerUnreachable", "The runner never reached the Dask scheduler."
    RUNNER_LOST = "RunnerLost", "The runner's pod ended or vanished without an outcome."
    RUNNER_SUPERSEDED = "RunnerSuperseded", "Another runner had already begun the flow of this attempt."
    WORKERS_MISSING = (
        "WorkersMissing",
        "Too few workers are there for the flow to begin, or for its tasks to run.",
    )
    RESOURCES_MISSING = "ResourcesMissing", "Tasks ask for Dask resources that no worker group offers."
    WORKERS_PAUSED = "WorkersPaused", "Workers run no tasks since their memory is full."
    WORKER_SILENT = "WorkerSilent", "A worker was closed since it gave no sign of life."
    EVICTED = "Evicted", "A pod was evicted or preempted."
    NODE_UNREACHABLE = "NodeUnreachable", "A pod's node does not answer, so the pod may still be running."
    CLUSTER_DELETED = "ClusterDeleted", "The run's DaskCluster was deleted by someone else."
    CLUSTER_MISSING = "ClusterMissing", "The DaskCluster of `spec.clusterRef` does not exist."
    CLUSTER_NOT_READY = "ClusterNotReady", "The DaskCluster of `spec.clusterRef` cannot be used now."
    CLUSTER_UNFIT = (
        "ClusterUnfit",
        "The DaskCluster of `spec.clusterRef` has another image than the run asks for, or is another run's.",
    )
    TERMINATED = "Terminated", "The runner was told to end before the flow had an outcome."

    WORKER_LOST = "WorkerLost", "A worker ended unasked and is replaced."

    # What a run or cluster should not go on with for long.
    IMAGE_SKEW = "ImageSkew", "Pods that name the same image run different builds of it: its tag was moved."
    VERSION_SKEW = "VersionSkew", "Scheduler, workers and clients have different versions of `distributed`."
    CERTIFICATE_EXPIRING = "CertificateExpiring", "The cluster's certificates end within 30 days."

    # A schedule's ticks.
    SCHEDULED = "Scheduled", "The schedule waits for its next tick."
    RUN_STARTED = "RunStarted", "A tick has been given its FlowRun."
    WAITING_FOR_RUN = "WaitingForRun", "A tick waits for the end of an earlier run of its schedule."
    TICK_SKIPPED = "TickSkipped", "A tick was passed over: an earlier run was active for too long."
    TICK_MISSED = "TickMissed", "Ticks were passed over that could not start in time."
    CATCH_UP_CUT = "CatchUpCut", "More than 100 ticks were to be caught up with; the oldest were passed over."
    CLOCK_SET_BACK = "ClockSetBack", "Ticks that are yet to come have had their runs already."
    CRON_INVALID = "CronInvalid", "`spec.cron` cannot be understood."
    NEVER_FIRES = "NeverFires", "`spec.cron` names a date that does not exist, such as 30 February."
    TIME_ZONE_UNKNOWN = "TimeZoneUnknown", "A time zone of the spec is not in the IANA time zone database."

    # What keeps pods from starting.
    IMAGE_INVALID = "ImageInvalid", "The image's name is not a valid reference."
    IMAGE_PULL_FAILED = "ImagePullFailed", "The image cannot be pulled."
    CONFIG_INVALID = "ConfigInvalid", "A pod names a Secret, ConfigMap or key that does not exist."
    CONTAINER_CANNOT_RUN = "ContainerCannotRun", "A container cannot be started from this image."
    INIT_CONTAINER_FAILED = "InitContainerFailed", "A container that comes before ours in a pod failed."
    WAITING_FOR_INIT = "WaitingForInitContainer", "An init container of a pod has not ended yet."
    UNSCHEDULABLE = "Unschedulable", "No node takes a pod, or nobody has given it one."
    QUOTA_EXCEEDED = "QuotaExceeded", "A ResourceQuota of the namespace refuses a pod."
    REFUSED = "Refused", "The API server refuses an object that the run needs."
    DEFINITION_OUTDATED = (
        "DefinitionOutdated",
        "An installed CustomResourceDefinition is older than the operator.",
    )
    RIGHT_MISSING = "RightMissing", "The operator itself lacks a right; it goes on when it has it again."
    WORKERS_FAILING = "WorkersFailing", "Workers end as soon as they start."
    RESTORED = "Restored", "What somebody had deleted or edited by hand is as it was again."
    STATUS_INVALID = (
        "StatusInvalid",
        "The status was edited by hand, so that what has run cannot be told from it: nothing is run again.",
    )
    NAME_CONFLICT = "NameConflict", "An object that is not ours has the name of one we need."
    SPEC_INVALID = "SpecInvalid", "The spec cannot be understood."
    INTERNAL_ERROR = "InternalError", "The operator failed on this object; its log has the details."
