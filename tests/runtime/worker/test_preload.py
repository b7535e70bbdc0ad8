"""What a worker and a scheduler are told by their pod's environment, and a worker that is preempted."""

import os
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from daskflow.runtime.worker.command import cgroup_memory

from tests.runtime.conftest import Pods, eventually
from tests.runtime.processes import listening
from tests.runtime.scaling import Puppet, worker_message

MACHINE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("memory.max", "536870912\n", 512 << 20),
        ("memory.max", "max\n", 0),
        ("memory/memory.limit_in_bytes", "536870912\n", 512 << 20),
        ("memory/memory.limit_in_bytes", "9223372036854771712\n", 0),  # version 1 for "none"
        ("memory.max", f"{MACHINE}\n", 0),
        ("memory.max", "0\n", 0),
        ("other", "1", 0),
    ],
)
def test_the_memory_limit_of_the_container_is_found(
    tmp_path: Path, name: str, text: str, expected: int
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    assert cgroup_memory(str(tmp_path), MACHINE) == expected


LOOK = """(sorted(client.run(lambda dask_worker: [
    dask_worker.name, dask_worker.state.nthreads, dask_worker.memory_manager.memory_limit,
    dask_worker.state.total_resources]).values()))"""


def test_threads_memory_resources_and_name_are_what_arguments_say_then_the_operator(pods: Pods) -> None:
    pods.scheduler()

    def worker(name: str, *args: str, **environment: Any) -> None:
        told = {**pods._addresses(), "DASKFLOW_DEATH_TIMEOUT": 30, **environment}
        pods.start(name, ["worker", *args], told)

    worker(
        "operator",
        DASKFLOW_THREADS=3,
        DASKFLOW_MEMORY_LIMIT=512 << 20,
        DASKFLOW_RESOURCES='{"GPU": 2, "Disk": 1e9}',
    )
    worker("unlimited", DASKFLOW_THREADS=1, DASKFLOW_MEMORY_LIMIT=0)
    worker(
        "arguments",
        *("--nthreads", "2", "--memory-limit=256MiB", "--resources", "FPGA=1", "--nanny"),
        DASKFLOW_THREADS=3,
        DASKFLOW_MEMORY_LIMIT=1 << 30,
        DASKFLOW_RESOURCES='{"GPU": 2}',
    )
    puppet = Puppet(pods)
    eventually(lambda: all(pod.ready() for pod in pods.pods[:4]), 60)
    limit = cgroup_memory("/sys/fs/cgroup", MACHINE) or None
    assert eval(puppet.do(LOOK)) == [
        ["arguments", 2, 256 << 20, {"FPGA": 1.0}],
        ["operator", 3, 512 << 20, {"GPU": 2.0, "Disk": 1e9}],
        ["unlimited", 1, limit, {}],  # that of the cgroup, or none
    ]


def test_a_preempted_worker_hands_everything_over_and_nothing_is_done_again(pods: Pods) -> None:
    _, (first, second) = pods.cluster(2)
    puppet = Puppet(pods)
    eventually(lambda: first.ready() and second.ready())
    chunk = "started('part%d' % n, 0.02, bytes([n]) * 200_000)"
    puppet.do(f"kept['parts'] = client.map(lambda n: {chunk}, range(24))")
    puppet.do("from distributed import wait; wait(kept['parts'])")
    puppet.do(
        "kept['sums'] = client.map(lambda n, p: started('sum%d' % n, 0.1, sum(p)), range(24), kept['parts'])"
    )
    eventually(lambda: sum(name.startswith("sum") for name in puppet.starts()) >= 4)
    first.signal(signal.SIGTERM)
    assert worker_message(first) == {"v": 1, "role": "worker", "reason": "Terminated"}
    assert puppet.do("(sum(client.gather(kept['sums'])))") == str(sum(n * 200_000 for n in range(24)))
    assert puppet.do("(sum(map(sum, client.gather(kept['parts']))))") == str(
        sum(n * 200_000 for n in range(24))
    )
    assert puppet.starts() == sorted(f"{kind}{n}" for kind in ("part", "sum") for n in range(24))


def test_two_runs_share_a_scheduler_without_fencing_each_other(plain_pods: Pods) -> None:
    plain_pods.cluster(1, DASKFLOW_OWNED="")
    script = "import time; from distributed import get_client; time.sleep(1.5)\n"
    script += "result = get_client().submit(hex, 255).result()"
    runners = [plain_pods.runner({"script": script}, 1, name) for name in ("one", "two")]
    eventually(lambda: all(runner.ready() for runner in runners))  # both have begun, at the same time
    assert [runner.outcome()["result"] for runner in runners] == ["0xff", "0xff"]


@pytest.mark.parametrize("role", ["scheduler", "worker"])
def test_an_option_that_dask_does_not_have_is_named(pods: Pods, role: str) -> None:
    pod = pods.start(role, [role, "--nthread=2"], {})
    assert pod.wait(20) == 1
    words = f"daskflow: dask {role} has no option --nthread=2; see args in the spec"
    assert pod.log().splitlines()[-1] == words


def page(pods: Pods, path: str) -> tuple[int, str]:
    """What the scheduler's HTTP server answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{pods.http_port}{path}", timeout=10) as answer:
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def dashboard(pods: Pods) -> int:
    return page(pods, "/status")[0]


def test_a_dashboard_that_the_image_cannot_have_is_named_in_the_log(pods: Pods) -> None:
    scheduler = pods.scheduler(DASKFLOW_DASHBOARD=1)
    eventually(scheduler.ready)
    assert "no dashboard: the image has no bokeh" in scheduler.log()
    assert dashboard(pods) == 404


def test_dasks_metrics_are_served_on_loopback_without_a_dashboard(pods: Pods) -> None:
    eventually(pods.scheduler().ready)
    code, metrics = page(pods, "/metrics")
    assert (code, "\ndask_scheduler_workers{" in metrics) == (200, True), metrics


def test_a_dashboard_is_served_on_loopback_when_asked_for(pods: Pods) -> None:
    scheduler = pods.image("data").scheduler(DASKFLOW_DASHBOARD=1)
    eventually(scheduler.ready)
    assert dashboard(pods) == 200
    assert listening(scheduler.popen.pid) == {pods.port, pods.control_port, scheduler.ready_port}


def test_there_is_no_dashboard_unless_asked_for(pods: Pods) -> None:
    scheduler = pods.scheduler()
    eventually(scheduler.ready)
    assert "bokeh" not in scheduler.log()
    assert dashboard(pods) == 404


def test_workers_spill_where_the_configuration_says_and_schedulers_need_not_have_it(pods: Pods) -> None:
    fast = pods.folder / "fast"
    fast.mkdir()
    pods.scheduler(DASK_TEMPORARY_DIRECTORY="/proc/not/there")
    pods.worker(DASK_TEMPORARY_DIRECTORY=fast)
    puppet = Puppet(pods)
    puppet.do("client.wait_for_workers(1)")
    folders = eval(puppet.do("(list(client.run(lambda dask_worker: dask_worker.local_directory).values()))"))
    assert [folder.startswith(f"{fast}/") for folder in folders] == [True]


def test_an_idle_timeout_of_dask_that_came_from_elsewhere_has_no_effect_and_says_so(pods: Pods) -> None:
    scheduler = pods.scheduler(DASK_DISTRIBUTED__SCHEDULER__IDLE_TIMEOUT="200ms")
    pods.worker()
    outcome = pods.runner({"script": "import time; time.sleep(2); result = 1"}, 1).outcome()
    assert (outcome["outcome"], outcome["result"]) == ("Succeeded", 1)
    assert "idle-timeout is set and has no effect" in scheduler.log()
