"""The life of each kind as a pure function: (resource, observed children, now) -> Plan.

Nothing in here reads a clock, an API or chance; what a plan says happens in `controller.apply`.

model            what a plan is made from (Observed), and what it is (Plan)
run, cluster, schedule, pool   the lives of FlowRun, DaskCluster, FlowSchedule, ClusterPool; none knows
                 another's inside
units            the clusters of a pool, as it and runs look at them
dask_kubernetes  the lives of the four kinds of dask-kubernetes
question         what schedulers are asked and told, and say
workers          workers that are alike, for all clusters
pod              what a pod says, for all of them
cause            what keeps something from being there, with its reason
defaults         what a spec has of its platform's defaults; default_fields, what those may be
refusals         what to say of a write that the API server refuses
deletion         what somebody deleted and a finalizer keeps
namesakes        what an earlier object of the same name has left
mending          children, and hand_edits statuses, that somebody edited by hand
lease            who of several operators leads
old_definitions  statuses of which the installed CRDs drop a part
"""
