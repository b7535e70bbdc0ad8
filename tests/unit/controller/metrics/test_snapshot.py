"""What a scrape counts of the store and the queue."""

from daskflow.controller.known.store import Store
from daskflow.controller.metrics import snapshot
from daskflow.controller.metrics.registry import Registry
from daskflow.controller.queue import Queue
from daskflow.plan.model import Key

from tests.simulation import loop
from tests.unit.controller.running import body, running


def test_everything_is_counted_by_phase_and_kind() -> None:
    async def scraped() -> str:
        queue = Queue()
        store = Store(changed=queue.add)
        for each in (*running(1), *running(2, phase="Starting")):
            store.put(each)
        odd = body("FlowRun", "odd", "u", None, spec={}, status={"phase": "Failed", "reason": "run-1 is odd"})
        store.put(odd)
        store.put(body("FlowRun", "new", "v", None, spec={}))
        wide = body("DaskCluster", "wide", "w", None, spec={}, status={"phase": "Ready"})
        wide["status"]["workers"] = {"desired": 5, "ready": 3}
        store.put(wide)
        registry = Registry()
        sources = snapshot.Sources(store, queue, lambda: True, lambda: -2.5, [range(4), range(3)])
        snapshot.take(registry, sources)
        store.remove(Key("FlowRun", "data", "new"), "v")
        snapshot.take(registry, sources)
        return registry.text().decode()

    text = loop.run(scraped())
    for line in (
        'daskflow_runs{phase="Running",reason=""} 1.0',
        'daskflow_runs{phase="Starting",reason=""} 1.0',
        'daskflow_runs{phase="Failed",reason="Other"} 1.0',
        'daskflow_clusters{phase="Ready"} 1.0',
        'daskflow_cluster_workers{state="desired"} 5.0',
        'daskflow_cluster_workers{state="ready"} 3.0',
        'daskflow_objects{kind="Pod"} 2.0',
        'daskflow_objects{kind="NetworkPolicy"} 0.0',
        "daskflow_queue_depth 7.0",
        "daskflow_leader 1.0",
        "daskflow_clock_ahead_seconds -2.5",
        "daskflow_progress_followed 7.0",
    ):
        assert line in text.splitlines(), line
    assert 'phase="None",reason' not in text, "that run is gone"
