"""A team's afternoon: runs of every kind of fate, for pictures and for the browser."""

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE, LABEL_RUN
from daskflow.client.connection import Object

from tests.unit.cli.ui.world import Log, World, at, cluster, pod, run, schedule
from tests.unit.client.report.reported import hostile, reported, slower, wire

TRACEBACK = """Traceback (most recent call last):
  File "/flows/etl.py", line 41, in flow
    frame = load(day).merge(prices, on="sku")
  File "/flows/etl.py", line 17, in load
    return pd.read_parquet(path_of(day))
FileNotFoundError: /data/2026-11-26/orders.parquet"""
HOSTILE = "<img src=x onerror=\"document.title='pwned'\"><script>document.title='pwned'</script>"


def afternoon(*, hostile: bool = True) -> World:
    """A few dozen runs, so that there is a second page; with `hostile` one whose texts are attacks."""
    world = World()
    for item in (*_telling(), *_ordinary(), *([_hostile()] if hostile else ())):
        world.put(FLOW_RUN, item)
    attacks = {"reason": HOSTILE, "message": f"\u202e{HOSTILE}"}
    hostile_spec = {"image": HOSTILE, "cron": HOSTILE, "timeZone": HOSTILE, "concurrencyPolicy": HOSTILE}
    for item in (*_clusters(), *([cluster("hostile", spec=hostile_spec, **attacks)] if hostile else ())):
        world.put(DASK_CLUSTER, item)
    for item in (*_schedules(), *([schedule("hostile", spec=hostile_spec, **attacks)] if hostile else ())):
        world.put(FLOW_SCHEDULE, item)
    _printed(world, hostile)
    return world


def _printed(world: World, hostile: bool) -> None:
    name = "orders-2026-11-27"
    for attempt, age in ((1, 748), (2, 498)):
        for component in ("runner", "scheduler", *(f"worker-{number}" for number in range(4))):
            of = pod(f"{name}-{attempt}-{component}", component.split("-")[0], name, attempt=attempt, age=age,
                     ended=503 if attempt == 1 else None)  # fmt: skip
            world.beside["Pod"].append(of)
    world.logs[f"{name}-1-runner"] = Log(
        "reading 96 parts of 2026-11-27", "part 1 of 96 is done", "part 2 of 96 is done", over=True
    )
    world.logs[f"{name}-2-runner"] = Log(
        "reading 96 parts of 2026-11-27",
        *(f"part {number} of 96 is done" for number in range(1, 49)),
        f"\x1b[33mWARNING\x1b[0m an order without a price: {HOSTILE if hostile else 4711}",
    )


def _running() -> Object:
    return run(
        "orders-2026-11-27",
        phase="Running",
        age=754,
        spec={"flow": {"entrypoint": "flows/etl.py:flow", "parameters": {"day": "2026-11-27", "parts": 96}}},
        message="The flow runs: 151 of 301 tasks are done.",
        attempt=2,
        startTime=at(750),
        progress={"done": 151, "total": 301, "summary": "151/301"},
        cluster={
            "name": "orders-2026-11-27-2",
            "address": "tls://orders-2026-11-27-2-scheduler.team:8786",
            "workers": "8/8",
            "workersReady": 8,
            "workersDesired": 8,
        },
        attempts=[
            {
                "number": 1,
                "startTime": at(750),
                "flowStartTime": at(741),
                "endTime": at(503),
                "cluster": "orders-2026-11-27-1",
                "outcome": "Failed",
                "reason": "OutOfMemory",
                "message": "A worker was ended by the kernel: it took more than its memory limit of 2Gi.",
            },
            {
                "number": 2,
                "startTime": at(500),
                "flowStartTime": at(493),
                "cluster": "orders-2026-11-27-2",
                "claim": {"pool": "small", "reason": "PoolEmpty", "message": "No cluster waits <b>."},
            },
        ],
    )


def _failed() -> Object:
    return run(
        "orders-2026-11-26",
        phase="Failed",
        age=9000,
        reason="FlowFailed",
        message="FileNotFoundError: /data/2026-11-26/orders.parquet",
        attempt=1,
        duration="41s",
        completionTime=at(8950),
        failure={
            "exception": "FileNotFoundError",
            "message": "/data/2026-11-26/orders.parquet",
            "traceback": TRACEBACK,
        },
        attempts=[
            {
                "number": 1,
                "startTime": at(8995),
                "flowStartTime": at(8988),
                "endTime": at(8950),
                "outcome": "Failed",
                "reason": "FlowFailed",
                "message": "FileNotFoundError: /data/2026-11-26/orders.parquet",
            }
        ],
    )


def _succeeded() -> Object:
    return run(
        "forecast-north",
        "research",
        "Succeeded",
        age=4100,
        attempt=1,
        duration="3m12s",
        completionTime=at(3900),
        result={"rows": 48_211, "mape": 0.073, "model": "seasonal"},
        attempts=[{"number": 1, "startTime": at(4095), "endTime": at(3900), "outcome": "Succeeded"}],
    )


def _hostile() -> Object:
    return run(
        "hostile",
        phase="Failed",
        age=20_000,
        spec={"image": HOSTILE, "flow": {"entrypoint": HOSTILE, "parameters": {"x": HOSTILE}}},
        reason="FlowFailed",
        message=f"{HOSTILE} \x1b[31mred \u202eback",
        failure={"exception": HOSTILE, "message": HOSTILE, "traceback": HOSTILE},
        attempts=[
            {"number": 1, "startTime": at(19_900), "outcome": "Failed", "reason": HOSTILE, "message": HOSTILE}
        ],
        cluster={"name": "hostile-1", "address": HOSTILE, "workers": HOSTILE},
        result={"html": HOSTILE},
        report=hostile()["status"]["report"],
        resultNote=HOSTILE,
    )


def _telling() -> list[Object]:
    return [
        _running(),
        _failed(),
        _succeeded(),
        run(
            "train-large",
            "research",
            "Starting",
            age=95,
            attempt=1,
            reason="Unschedulable",
            message="No node has room for 4 of 16 workers: each asks for 8 CPUs and 64Gi of memory.",
            cluster={"name": "train-large-1", "workers": "12/16"},
        ),
        run("nightly-report", phase="Suspended", age=30_000, reason="Suspended", spec={"suspend": True},
            message="Suspended; resume it to go on.", attempt=1),
        run("backfill-2025", phase="Cancelled", age=40_000, reason="Cancelled", duration="12m",
            message="It was cancelled.", attempt=1),
        run("flaky-import", phase="Retrying", age=300, reason="RunnerLost", attempt=1,
            message="The runner's node went away; the next attempt begins in 20 s."),
        run("just-made", age=2),
    ]  # fmt: skip


def _ordinary() -> list[Object]:
    return [
        run(
            f"orders-2026-{month:02}-{day:02}",
            phase="Succeeded",
            age=100_000 + 86_400 * (30 * (10 - month) + 30 - day),
            attempt=1,
            duration=f"{4 + day % 3}m{10 + day}s",
            progress={"done": 301, "total": 301, "summary": "301/301"},
            **_reports(month, day),
        )
        for month in (9, 10)
        for day in range(1, 31)
    ]


def _reports(month: int, day: int) -> Object:
    """Of the last two days: the one before was swifter."""
    said = {(10, 30): slower(), (10, 29): wire()}.get((month, day))
    return {"report": reported(said=said)["status"]["report"]} if said else {}


def _clusters() -> list[Object]:
    return [
        cluster("orders-2026-11-27-2", age=500, labels={LABEL_RUN: "orders-2026-11-27"},
                workers={"desired": 8, "ready": 8}, spec={"dashboard": True}),
        cluster("train-large-1", "research", "Starting", age=95, labels={LABEL_RUN: "train-large"},
                workers={"desired": 16, "ready": 12, "groups": [
                    {"name": "default", "desired": 8, "ready": 8},
                    {"name": "gpu", "desired": 8, "ready": 4, "reason": "Unschedulable",
                     "message": "4 pods find no node."},
                ]}, reason="WorkersMissing",
                message="12 of 16 workers are there; 4 pods find no node."),
        cluster("notebooks", "research", "Ready", age=200_000, workers={"desired": 3, "ready": 3},
                spec={"dashboard": True, "image": "ghcr.io/research/notebooks:2026.11"}),
    ]  # fmt: skip


def _schedules() -> list[Object]:
    outcome = {
        "run": "orders-2026-11-26",
        "scheduledTime": at(9000),
        "outcome": "Failed",
        "reason": "FlowFailed",
    }
    return [
        schedule("orders", spec={"cron": "0 2 * * *", "timeZone": "Europe/Berlin"}, schedule="0 2 * * *",
                 timeZone="Europe/Berlin", nextScheduleTime=at(-20_000), activeCount=1, lastOutcome=outcome,
                 message="The next run begins at 2026-11-28 02:00 Europe/Berlin."),
        schedule("heartbeat", "research", spec={"cron": None, "interval": "15s"}, schedule="15s",
                 timeZone="UTC", nextScheduleTime=at(-9), missed=3),
        schedule("old-report", spec={"suspend": True, "cron": "@weekly"}, reason="Suspended",
                 message="It is suspended: no run is started."),
    ]  # fmt: skip
