"""Why something is as it is: the closed list of reasons that status, conditions and Events use.

What is to be known of a reason stands in its row, and nowhere else: policies ask the reason, and the page
of reasons in the documentation is made from the rows. A row that leaves a column out does not import.
"""

from daskflow.api.reason_columns import Charge, Row, Section, Stage


class Reason(Row):
    """A reason, with a row of the table below."""

    # A row: word, section, stage, Event, charge; meaning; remedy.
    # fmt: off
    ACCEPTED = ("Accepted", Section.WAY, Stage.STEP, "Normal", Charge.NOTHING,
        "The operator has seen the object and nothing exists for it yet.", "")
    STARTING = ("Starting", Section.WAY, Stage.WELL, "Normal", Charge.NOTHING,
        "Scheduler, workers and runner are being started.", "")
    WAITING_FOR_WORKERS = ("WaitingForWorkers", Section.WAY, Stage.STEP, None, Charge.NOTHING,
        "Pods run, and workers have yet to register.", "")
    RUNNING = ("Running", Section.WAY, Stage.WELL, "Normal", Charge.NOTHING,
        "The flow has begun.", "")
    READY = ("Ready", Section.WAY, Stage.WELL, "Normal", Charge.NOTHING,
        "The cluster has a scheduler and all of its workers.", "")
    SUCCEEDED = ("Succeeded", Section.WAY, Stage.WELL, "Normal", Charge.NOTHING,
        "The flow ended and its result, if any, is in status.", "")
    RETRYING = ("Retrying", Section.WAY, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "An attempt failed; the next one starts after the backoff.",
        "See `status.attempts` for why it failed; set `spec.cancel` if it should not be tried again.")
    WAITING_FOR_EARLIER = ("WaitingForEarlier", Section.WAY, Stage.STEP, None, Charge.NOTHING,
        "Objects of an earlier attempt or incarnation are still going away.", "")
    SUSPENDED = ("Suspended", Section.WAY, Stage.STEP, "Normal", Charge.NOTHING,
        "`spec.suspend` is set: nothing runs.",
        "Set `spec.suspend` to false to go on.")
    QUIET_HOURS = ("QuietHours", Section.WAY, Stage.STEP, "Normal", Charge.NOTHING,
        "No attempt is opened before the quiet hours of `spec.quietHours` are over.",
        "Take `spec.quietHours` out to begin at once.")
    CANCELLING = ("Cancelling", Section.WAY, Stage.STEP, "Normal", Charge.NOTHING,
        "The flow was asked to end and has its grace period.", "")
    CANCELLED = ("Cancelled", Section.WAY, Stage.DONE, "Normal", Charge.NOTHING,
        "`spec.cancel` was set, or the run deleted, before the flow ended by itself.", "")
    STOPPED = ("Stopped", Section.WAY, Stage.DONE, "Normal", Charge.NOTHING,
        "The cluster ended as it was meant to.", "")
    DELETED = ("Deleted", Section.WAY, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "The object was deleted and somebody's finalizer keeps it: what it ran is ended.",
        "See `metadata.finalizers` for who keeps it.")
    IDLE_TIMEOUT = ("IdleTimeout", Section.WAY, Stage.DONE, "Normal", Charge.NOTHING,
        "Nobody used the cluster for as long as `spec.idleTimeout`.",
        "Delete the DaskCluster and apply it again for a new one.")
    NO_CLIENT_TIMEOUT = ("NoClientTimeout", Section.WAY, Stage.DONE, "Normal", Charge.NOTHING,
        "No client was connected to the cluster for as long as `spec.noClientTimeout`.",
        "Delete the DaskCluster and apply it again for a new one.")
    HOLDING_ACTORS = ("HoldingActors", Section.WAY, Stage.OBSTACLE, None, Charge.NOTHING,
        "A worker that is to go holds Dask actors, which cannot move: it stays.",
        "Let the client release its actors, or leave the worker.")

    FLOW_FAILED = ("FlowFailed", Section.FLOW, Stage.END, "Warning", Charge.FLOW,
        "The flow raised an exception or exited with a code other than 0.",
        "See `status.failure` and `kubectl logs` of the runner's pod.")
    FLOW_KILLED = ("FlowKilled", Section.FLOW, Stage.END, "Warning", Charge.FLOW,
        "The flow's process was ended by a signal, for example a segmentation fault.",
        "See the runner's log; mostly it is a library in C.")
    ENTRYPOINT_INVALID = ("EntrypointInvalid", Section.FLOW, Stage.END, "Warning", Charge.NEVER,
        "The entrypoint's module, file or attribute is missing or cannot be run, or its code is no Python.",
        "Correct `spec.flow.entrypoint` or the code in a new run; `daskflow local` tries it at once.")
    PARAMETERS_INVALID = ("ParametersInvalid", Section.FLOW, Stage.END, "Warning", Charge.NEVER,
        "The parameters do not fit the entrypoint's signature.",
        "Correct `spec.flow.parameters` in a new run.")
    OUT_OF_MEMORY = ("OutOfMemory", Section.FLOW, Stage.EITHER, "Warning", Charge.FLOW,
        "A container needed more memory than its limit.",
        "Raise the memory limit that the message names, or let the flow hold less at once.")
    DEADLINE_EXCEEDED = ("DeadlineExceeded", Section.FLOW, Stage.END, "Warning", Charge.NEVER,
        "A deadline of `spec.deadlines` passed.",
        "The message says what was waited for: mend that, or raise the deadline, and make a new run.")

    SCHEDULER_LOST = ("SchedulerLost", Section.LOST, Stage.END, "Warning", Charge.BY_BEGIN,
        "The Dask scheduler's pod ended while the flow needed it.",
        "See the scheduler's last words in the message; set `spec.retries` to have such runs begin again.")
    SCHEDULER_UNREACHABLE = ("SchedulerUnreachable", Section.LOST, Stage.END, "Warning", Charge.BY_BEGIN,
        "The runner never reached the Dask scheduler.",
        "Check NetworkPolicies and DNS, or `spec.schedulerAddress` and its certificates.")
    RUNNER_LOST = ("RunnerLost", Section.LOST, Stage.EITHER, "Warning", Charge.BY_BEGIN,
        "The runner's pod ended or vanished without an outcome.",
        "Find out who ended the pod; let users and tools leave it alone, or set `spec.retries`.")
    RUNNER_SUPERSEDED = ("RunnerSuperseded", Section.LOST, Stage.END, "Warning", Charge.BY_BEGIN,
        "Another runner had already begun the flow of this attempt.",
        "`spec.retries.infrastructureLimit` lets it run again where that does no harm.")
    TERMINATED = ("Terminated", Section.LOST, Stage.END, "Warning", Charge.BY_BEGIN,
        "The runner was told to end before the flow had an outcome.",
        "Find out who ended the pod or its node; set `spec.retries` where that is to be expected.")
    EVICTED = ("Evicted", Section.LOST, Stage.EITHER, "Warning", Charge.BY_BEGIN,
        "A pod was evicted or preempted.",
        "Give it requests or a priority; set `spec.retries` where it is to be expected.")
    NODE_UNREACHABLE = ("NodeUnreachable", Section.LOST, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "A pod's node does not answer, so the pod may still be running.",
        "Once the node is known to be off: delete its Node, or the pod by force.")
    CLUSTER_DELETED = ("ClusterDeleted", Section.LOST, Stage.END, "Warning", Charge.BY_BEGIN,
        "The run's DaskCluster was deleted by someone else.",
        "To end a run set its `spec.cancel`, and leave its DaskCluster to it.")
    WORKER_LOST = ("WorkerLost", Section.LOST, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "A worker ended unasked and is replaced.",
        "See the worker's log if it goes on.")
    WORKERS_FAILING = ("WorkersFailing", Section.LOST, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "Workers end as soon as they start.",
        "See the last words in the message and the worker's log: image, config, memory.")

    CLUSTER_MISSING = ("ClusterMissing", Section.CLUSTER, Stage.EITHER, "Warning", Charge.BY_BEGIN,
        "The DaskCluster of `spec.clusterRef` does not exist.",
        "Create it in the run's namespace, or name another one.")
    CLUSTER_NOT_READY = ("ClusterNotReady", Section.CLUSTER, Stage.EITHER, "Warning", Charge.BY_BEGIN,
        "The DaskCluster of `spec.clusterRef` cannot be used now.",
        "See that DaskCluster's own status.")
    CLUSTER_UNFIT = ("ClusterUnfit", Section.CLUSTER, Stage.EITHER, "Warning", Charge.NEVER,
        "The DaskCluster of `spec.clusterRef` has another image than the run asks for, or is another run's.",
        "Name a DaskCluster with that image, or leave `spec.image` out.")

    RESOURCES_MISSING = ("ResourcesMissing", Section.TASKS, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "Tasks ask for Dask resources that no worker group offers.",
        "Give a group these `resources`, or ask for what there is in the flow.")
    WORKERS_MISSING = ("WorkersMissing", Section.TASKS, Stage.EITHER, "Warning", Charge.BY_BEGIN,
        "Too few workers are there for the flow to begin, or for its tasks to run.",
        "See why workers do not come: their pods, or a quota; or require fewer.")
    WORKERS_PAUSED = ("WorkersPaused", Section.TASKS, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "Workers run no tasks since their memory is full.",
        "Give them more memory, the work to more workers, or let tasks hold less.")
    WORKER_SILENT = ("WorkerSilent", Section.TASKS, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "A worker was closed since it gave no sign of life.",
        "Let code release Python's lock, or raise `distributed.scheduler.worker-ttl` in `config`.")

    IMAGE_INVALID = ("ImageInvalid", Section.PODS, Stage.EITHER, "Warning", Charge.NEVER,
        "The image's name is not a valid reference.",
        "Write it as `registry/name:tag`.")
    IMAGE_PULL_FAILED = ("ImagePullFailed", Section.PODS, Stage.EITHER, "Warning", Charge.NEVER,
        "The image cannot be pulled.",
        "Check its name and tag, and `spec.imagePullSecrets`.")
    CONFIG_INVALID = ("ConfigInvalid", Section.PODS, Stage.EITHER, "Warning", Charge.NEVER,
        "A pod names a Secret, ConfigMap, volume or key that does not exist.",
        "Create it, or correct the name.")
    CONTAINER_CANNOT_RUN = ("ContainerCannotRun", Section.PODS, Stage.EITHER, "Warning", Charge.NEVER,
        "A container cannot be started from this image.",
        "The message says what the image lacks.")
    INIT_CONTAINER_FAILED = ("InitContainerFailed", Section.PODS, Stage.EITHER, "Warning", Charge.FLOW,
        "A container that comes before ours in a pod failed.",
        "See that container's log.")
    WAITING_FOR_INIT = ("WaitingForInitContainer", Section.PODS, Stage.OBSTACLE, None, Charge.NOTHING,
        "An init container of a pod has not ended yet.",
        "See that container's log if it takes longer than it should.")
    UNSCHEDULABLE = ("Unschedulable", Section.PODS, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "No node takes a pod, or nobody has given it one.",
        "Ask for less, add nodes, or correct `nodeSelector`, affinity and tolerations.")
    QUOTA_EXCEEDED = ("QuotaExceeded", Section.PODS, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "A ResourceQuota of the namespace refuses a pod.",
        "Ask for less, or raise the quota.")

    REFUSED = ("Refused", Section.OBJECT, Stage.EITHER, "Warning", Charge.NEVER,
        "The API server refuses an object that the run needs.",
        "The message has its words: correct the spec, or the admission webhook that refuses it.")
    NAME_CONFLICT = ("NameConflict", Section.OBJECT, Stage.EITHER, "Warning", Charge.BY_BEGIN,
        "An object that is not ours has the name of one we need.",
        "Delete that object, or choose another name.")
    SPEC_INVALID = ("SpecInvalid", Section.OBJECT, Stage.EITHER, "Warning", Charge.NEVER,
        "The spec cannot be understood.",
        "Correct the field that the message names; of a FlowRun that has ended, in a new one.")
    DEFAULTS_INVALID = ("DefaultsInvalid", Section.OBJECT, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "The defaults of the namespace cannot be understood: nothing begins.",
        "Correct the ConfigMap `daskflow-defaults`, or delete it; what waits then goes on.")
    TIME_ZONE_UNKNOWN = ("TimeZoneUnknown", Section.OBJECT, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "A time zone of the spec is not in the IANA time zone database: nothing begins.",
        "Write a name such as `Europe/Berlin`; a waiting run or schedule then goes on.")
    STATUS_INVALID = ("StatusInvalid", Section.OBJECT, Stage.END, "Warning", Charge.NEVER,
        "The status was edited by hand: what has run cannot be told, so nothing is run again.",
        "Make a new object; leave `status` to the operator.")
    RESTORED = ("Restored", Section.OBJECT, Stage.NOTE, "Warning", Charge.NOTHING,
        "What somebody had deleted or edited by hand is as it was again.",
        "Find out who does that, and change the object's spec instead.")
    DEFINITION_OUTDATED = ("DefinitionOutdated", Section.OBJECT, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "An installed CustomResourceDefinition is older than the operator.",
        "Apply `crds/` of the operator's version, or let the chart do it (`crds.install`).")
    RIGHT_MISSING = ("RightMissing", Section.OBJECT, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "The operator itself lacks a right; it goes on when it has it again.",
        "Give its service account the chart's ClusterRole again.")
    INTERNAL_ERROR = ("InternalError", Section.OBJECT, Stage.NOTE, "Warning", Charge.NOTHING,
        "The operator failed on this object; its log has the details.",
        "Report it with that log; the operator tries again by itself.")

    IMAGE_SKEW = ("ImageSkew", Section.SKEW, Stage.NOTE, "Warning", Charge.NOTHING,
        "Pods that name the same image run different builds of it: its tag was moved.",
        "Name the image by its digest, or set `spec.imagePullPolicy` to `Always`.")
    VERSION_SKEW = ("VersionSkew", Section.SKEW, Stage.NOTE, "Warning", Charge.NOTHING,
        "Scheduler, workers and clients have different versions of `distributed`.",
        "Let all of them use one image.")
    CERTIFICATE_EXPIRING = ("CertificateExpiring", Section.SKEW, Stage.NOTE, "Warning", Charge.NOTHING,
        "The cluster's certificates end within 30 days.",
        "Delete the DaskCluster and apply it again.")

    SCHEDULED = ("Scheduled", Section.SCHEDULE, Stage.WELL, None, Charge.NOTHING,
        "The schedule waits for its next tick.", "")
    RUN_STARTED = ("RunStarted", Section.SCHEDULE, Stage.STEP, "Normal", Charge.NOTHING,
        "A tick has been given its FlowRun.", "")
    WAITING_FOR_RUN = ("WaitingForRun", Section.SCHEDULE, Stage.STEP, None, Charge.NOTHING,
        "A tick waits for the end of an earlier run of its schedule.", "")
    TICK_SKIPPED = ("TickSkipped", Section.SCHEDULE, Stage.STEP, "Normal", Charge.NOTHING,
        "A tick was passed over: an earlier run was active for too long.", "")
    TICK_MISSED = ("TickMissed", Section.SCHEDULE, Stage.NOTE, "Warning", Charge.NOTHING,
        "Ticks were passed over that could not start in time.",
        "Set `spec.catchUp` or `spec.startingDeadline`, or make FlowRuns for them by hand.")
    CATCH_UP_CUT = ("CatchUpCut", Section.SCHEDULE, Stage.NOTE, "Warning", Charge.NOTHING,
        "More than 100 ticks were to be caught up with; the oldest were passed over.",
        "Make FlowRuns for them by hand if they are needed.")
    CLOCK_SET_BACK = ("ClockSetBack", Section.SCHEDULE, Stage.STEP, None, Charge.NOTHING,
        "Ticks that are yet to come have had their runs already.", "")
    CRON_INVALID = ("CronInvalid", Section.SCHEDULE, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "`spec.cron` cannot be understood.",
        "Correct `spec.cron`.")
    NEVER_FIRES = ("NeverFires", Section.SCHEDULE, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "`spec.cron` names a date that does not exist, such as 30 February.",
        "Correct `spec.cron`.")

    CLUSTERS_WAIT = ("ClustersWait", Section.POOL, Stage.WELL, None, Charge.NOTHING,
        "As many clusters wait as `spec.ready` asks for.", "")
    REFILLING = ("Refilling", Section.POOL, Stage.STEP, None, Charge.NOTHING,
        "Clusters are being started that are to wait.", "")
    YIELDING = ("Yielding", Section.POOL, Stage.STEP, "Normal", Charge.NOTHING,
        "A run of the namespace had no room: a cluster that waited was given up, and none is made meanwhile.",
        "Raise the quota, or add nodes, if clusters are to wait beside such runs.")
    POOL_FAILING = ("PoolFailing", Section.POOL, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "Clusters of the pool end before they have waited for a minute; the next is made after a while.",
        "The message has what the last one said: correct `spec.template`, or `spec.preload`.")
    LISTENER_UNREACHABLE = ("ListenerUnreachable", Section.POOL, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "The operator cannot reach the scheduler of a cluster that is to wait, so no run could claim it.",
        "Let the operator's pods connect to port 8788 of pods in the namespace.")
    RUNNER_NOT_PARKED = ("RunnerNotParked", Section.POOL, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "The runner of a cluster does not come as far as to wait for a run, or waits no more.",
        "See its pod's log: modules of `spec.preload` are imported in it. The pool replaces the cluster.")
    CLAIMED = ("Claimed", Section.POOL, Stage.WELL, None, Charge.NOTHING,
        "The attempt has a cluster that had waited, or was starting already.", "")
    POOL_EMPTY = ("PoolEmpty", Section.POOL, Stage.STEP, None, Charge.NOTHING,
        "No cluster of the run's pool, or made for its tick, waits; one is started, or `spec.pool.otherwise` "
        "has the run wait for one.",
        "See why in the pool's status, or the schedule's; raise `spec.ready` if this happens often.")
    DOES_NOT_FIT = ("DoesNotFit", Section.POOL, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "The run asks for something that the clusters of its pool do not have.",
        "The message names the field: leave it out in a new run, or change the pool's template.")
    POOL_MISSING = ("PoolMissing", Section.POOL, Stage.OBSTACLE, "Warning", Charge.NOTHING,
        "The ClusterPool of `spec.pool` does not exist, or cannot be understood.",
        "Create it, or make a run that names another.")
    CLAIM_REFUSED = ("ClaimRefused", Section.POOL, Stage.END, "Warning", Charge.BY_BEGIN,
        "A cluster that waited did not take the run, was not told of it, or was lost before the flow began.",
        "The next attempt starts one, at once, and where no flow can have begun nothing is charged. If it "
        "happens often, let the operator connect to port 8788 of pods.")
    POOL_UNUSED = ("PoolUnused", Section.POOL, Stage.NOTE, "Warning", Charge.NOTHING,
        "No run has claimed a cluster of the pool for a day, and those that wait take room.",
        "Set `spec.ready` to 0, or delete the pool.")
    # fmt: on
