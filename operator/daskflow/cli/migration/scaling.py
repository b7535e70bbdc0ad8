"""`adapt(…)` of Dask's clusters as bounds of a group."""

from daskflow.cli.migration.component import Component
from daskflow.cli.migration.conversions import count, duration, read
from daskflow.cli.migration.leaves import Node


def autoscale(workers: Component, adapted: Node, times: int = 1) -> None:
    """The bounds of adapt(…), and how fast it follows. `times`: workers of a job, where jobs are counted."""
    minimum, maximum = (adapted.first(name, f"{name}_jobs") for name in ("minimum", "maximum"))
    least = read(minimum, "workers.autoscale.minimum", count)
    most = read(maximum, "workers.autoscale.maximum", count)
    if least is not None and minimum.name.endswith("_jobs"):
        least *= times
    if most is not None and maximum.name.endswith("_jobs"):
        most *= times
    if most is not None:
        bounds = {"maximum": most} if least is None else {"minimum": least, "maximum": most}
        workers.put(
            ("autoscale",), bounds, *(node for node in (minimum, maximum) if node.name and node.there)
        )
        target = adapted.get("target_duration")
        if (value := read(target, "workers.autoscale.targetDuration", duration)) is not None:
            workers.put(("autoscale", "targetDuration"), value, target)
    elif adapted.value is not None:
        adapted.book.say(
            "adapt(…) has no maximum, and without one nothing is adapted; write workers.autoscale by hand"
        )
        if least is not None:
            minimum.hush()
    for name in ("interval", "wait_count"):
        adapted.get(name).ours(
            "since the operator follows every change; see workers.autoscale.scaleDownDelay"
        )
