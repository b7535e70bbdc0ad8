"""Whether an object says what has become of it."""

from daskflow.plan.model import Object


def unclear(body: Object) -> str:
    """What its status leaves open, as a sentence; empty where it says all: phase, why, and of which spec."""
    status, meta = body.get("status") or {}, body["metadata"]
    conditions = status.get("conditions") or []
    if not conditions:
        return "it has no conditions"
    if "phase" in status and not status["phase"]:
        return "it has no phase"
    if status.get("observedGeneration") != meta["generation"]:
        return f"generation {meta['generation']} was not looked at, but {status.get('observedGeneration')}"
    silent = [each["type"] for each in conditions if not each.get("reason")]
    if silent:
        return f"conditions without a reason: {', '.join(silent)}"
    return ""


def saying(body: Object) -> str:
    """Kind, phase and reason, for a table."""
    status = body.get("status") or {}
    ready = next((each for each in status.get("conditions") or () if each["type"] == "Ready"), {})
    reason = status.get("reason") or ready.get("reason") or ""
    return f"{body['kind']} {status.get('phase', '')} {reason}".strip()
