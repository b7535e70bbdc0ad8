"""No run is begun with defaults of its namespace that cannot be understood."""

from daskflow.api.reasons import Reason
from daskflow.plan.model import Plan
from daskflow.plan.run.status import report
from daskflow.plan.run.view import RunView


def defaults(view: RunView) -> Plan | None:
    """Keeps the first attempt from being opened, and says what is wrong."""
    if not view.given.fault:
        return None
    return report(view, view.status.phase or "Pending", Reason.DEFAULTS_INVALID, view.given.fault)
