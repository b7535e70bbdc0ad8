"""Quiet hours on a real kubelet: a run waits without any pods until they are over, or changed."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.e2e.flows import flow_run
from tests.kube import Kube, kubectl

ZONE = "Asia/Tokyo"
ALONE = {"workers": {"replicas": 0}}


def _until(end: datetime) -> dict[str, Any]:
    """Two hours that end then."""
    start = end - timedelta(hours=2)
    return {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}", "timeZone": ZONE}


def _waits(kube: Kube, name: str, until: datetime) -> None:
    message = (
        f"Quiet hours (spec.quietHours): the next attempt begins at {until:%Y-%m-%d %H:%M} JST ({ZONE})."
    )
    kube.wait(f"{name} to say so", lambda: kube.run_status(name).get("message") == message, 5)


def test_a_run_waits_until_they_are_over_or_changed(kube: Kube) -> None:
    # The next full minute but for the last seconds of this one, in which the runs are made.
    soon = (datetime.now(ZoneInfo(ZONE)) + timedelta(seconds=65)).replace(second=0, microsecond=0)
    later = soon + timedelta(hours=1)
    kube.create(flow_run("soon", "result = 1", cluster=ALONE, quietHours=_until(soon)))
    kube.create(flow_run("later", "result = 2", cluster=ALONE, quietHours=_until(later)))
    _waits(kube, "later", later)
    listed = kubectl("get", "flowrun", "later", "-n", kube.namespace).stdout.splitlines()[1].split()
    assert (listed[1], listed[-1]) == ("Pending", "QuietHours")
    assert kube.items("Pod") == []

    kube.patch("FlowRun", "later", {"spec": {"quietHours": None}})
    assert kube.result("later", 30) == 2

    status = kube.ended("soon", 90)
    assert status["result"] == 1
    begun = datetime.fromisoformat(status["attempts"][0]["startTime"])
    assert timedelta() <= begun - soon <= timedelta(seconds=2)
    assert kube.events("soon").count(("Normal", "QuietHours")) == 1
