"""The life of a DaskCluster. Read POLICIES from top to bottom: the first with something to say decides."""

from collections.abc import Callable
from datetime import datetime

from pydantic import ValidationError

from daskflow.api.daskcluster import TERMINAL_PHASES, DaskClusterSpec, spec_of, status_of
from daskflow.api.invalid_spec import sentence
from daskflow.api.reasons import Reason
from daskflow.manifests.inherited_metadata import with_inherited
from daskflow.manifests.settings import Settings
from daskflow.plan.cluster.ending import deletion, ended, outlived, settled
from daskflow.plan.cluster.hand_edits import hand_edits, readable
from daskflow.plan.cluster.making import conflict, defaults, invalid, journal, make
from daskflow.plan.cluster.mending import mended
from daskflow.plan.cluster.scaling import autoscaling, order, scaling
from daskflow.plan.cluster.state import refusals, state
from daskflow.plan.cluster.status import report
from daskflow.plan.cluster.suspension import suspension
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.defaults import for_cluster
from daskflow.plan.deletion import deleting
from daskflow.plan.hand_edits import UNKNOWN
from daskflow.plan.model import Object, Observed, Plan, first_word

Policy = Callable[[ClusterView], Plan | None]

POLICIES: tuple[Policy, ...] = (
    hand_edits,  # somebody else wrote into the status
    settled,  # a cluster that has ended never comes back
    deletion,  # what it runs ends
    suspension,  # nothing of it is to run, until it is resumed
    ended,  # the scheduler is no more
    journal,  # the scheduler was made: write it down
    defaults,  # those of the namespace cannot be understood
    invalid,  # a template, configuration or argument that may not be
    conflict,  # a child's name is taken
    autoscaling,  # the scheduler's tasks ask for another number of workers
    scaling,  # workers are to go: what the next steps rest on is written down
    refusals,  # the API server does not take a child
    make,  # Service, Secret and NetworkPolicy, then all pods at once; workers again when they die
    state,  # it is there: say how it is
)

_NOTHING = DaskClusterSpec(image="none")
"""Stands in for a spec that cannot be read, so that its status can be written."""


def plan(resource: Object, seen: Observed, now: datetime, settings: Settings) -> Plan:
    """What is to happen with this DaskCluster, given all that was observed of its children."""
    status = status_of(resource)
    try:
        own = with_inherited(spec_of(resource), resource, settings.inherited_prefixes)
        given = for_cluster(resource, own.template, status, seen.defaults, settings.defaults)
        spec = own if given.applied is None else spec_of({"spec": given.spec})
    except ValidationError as error:
        view = ClusterView(resource, _NOTHING, status, seen, now, settings)
        return settled(view) or report(view, "Failed", Reason.SPEC_INVALID, sentence(error))
    view = ClusterView(resource, spec, status, seen, now, settings, given)
    if not readable(resource):
        return report(view, "Failed", Reason.STATUS_INVALID, UNKNOWN)
    decided = first_word(POLICIES, view)
    over = status.phase in TERMINAL_PHASES or status.phase == "Stopping"
    if over or deleting(resource):
        return decided
    return decided + outlived(view) + mended(view) + Plan(scale=order(view))
