"""All checks, one module for each matter.

kinds        flows of each kind           clusters    DaskClusters on their own
failures     flows that fail              scaling     workers that come, go and die
lives        retries, deadlines, ends     schedules   FlowSchedules
deletions    what stays and what goes     defaults    those of a namespace
losses       what is lost or evicted      quiet       quiet hours
edits        what people edit             platforms   quotas, admission, strangers
forgeries    what says to be ours         networks    who reaches a cluster's pods
operators    an operator that is gone     pools       clusters that wait
unprovable   what cannot be proved from here
"""

from daskflow.cli.verification.catalogue import (
    clusters,
    defaults,
    deletions,
    edits,
    failures,
    forgeries,
    kinds,
    lives,
    losses,
    networks,
    operators,
    platforms,
    pools,
    quiet,
    scaling,
    schedules,
    unprovable,
)

PROBE = kinds.PROBE
CHECKS = (
    *kinds.CHECKS,
    *failures.CHECKS,
    *lives.CHECKS,
    *deletions.CHECKS,
    *losses.CHECKS,
    *edits.CHECKS,
    *forgeries.CHECKS,
    *clusters.CHECKS,
    *scaling.CHECKS,
    *schedules.CHECKS,
    *pools.CHECKS,
    *defaults.CHECKS,
    *quiet.CHECKS,
    *platforms.CHECKS,
    *networks.CHECKS,
    *operators.CHECKS,
    *unprovable.CHECKS,
)
