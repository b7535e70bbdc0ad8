"""What an attempt cost, by the installation's prices: what its containers requested times their time.

Workers count for as long as they were registered, as the report tells: those included that are gone. Runner
and scheduler count from the attempt's beginning to its end. A container without a request has that of its
limit, as in Kubernetes; one without either costs nothing, and neither do containers that templates add. Of a
cluster that the run only uses it pays the share of the workers that the report tells, and its runner.
"""

from decimal import Decimal

from daskflow.api.conditions import instant
from daskflow.api.daskcluster import ClusterSpec
from daskflow.api.flowrun_report import Cost, Report
from daskflow.api.quantities import quantity
from daskflow.api.resources import Resources
from daskflow.manifests.settings import Prices
from daskflow.plan.run.view import RunView

_HOUR = 3600
_GIB = 2**30
_SMALL = Decimal("0.1")
"""What is less has two more decimals."""
_MOST = 10**15
"""What is more is made up, or is of a container that no node could ever hold."""


def cost(view: RunView, report: Report) -> Cost | None:
    """Of the open attempt, which closes now; None where no prices are set, or nothing has one."""
    prices, attempt = view.settings.prices, view.attempt
    if prices is None or attempt is None:
        return None
    own = view.spec.cluster if not view.alone else None
    cluster: ClusterSpec | None = own or view.reference_spec
    seconds = max((view.now - instant(attempt.start_time)).total_seconds(), 0)
    standing = [view.spec.runner.resources, *([own.scheduler.resources] if own else ())]
    hours = Decimal(seconds) / _HOUR
    total = sum((_hourly(each, prices) for each in standing), Decimal(0)) * hours
    if cluster is not None:
        paid = Decimal(report.thread_seconds.paid) / _HOUR
        total += _of_a_thread(cluster, prices) * paid
    if not 0 < total < _MOST:
        return None
    return Cost(amount=f"{total:.2f}" if total >= _SMALL else f"{total:.4f}", currency=prices.currency)


def _of_a_thread(cluster: ClusterSpec, prices: Prices) -> Decimal:
    """What an hour of a worker's thread costs, on average over the workers that the spec asks for."""
    groups = [(group, max(group.count, 1)) for group in cluster.groups.values()]
    pods = sum((_hourly(group.resources, prices) * count for group, count in groups), Decimal(0))
    return pods / sum(group.thread_count * count for group, count in groups)


def _hourly(resources: Resources, prices: Prices) -> Decimal:
    return _requested(resources, "cpu") * prices.cpu_hour + (
        _requested(resources, "memory") / _GIB * prices.memory_gib_hour
    )


def _requested(resources: Resources, name: str) -> Decimal:
    asked = (resources.requests or {}).get(name, (resources.limits or {}).get(name, 0))
    return quantity(asked)
