import os

from dask.distributed import Client
from dask_kubernetes.operator import KubeCluster, make_cluster_spec

IMAGE = "docker.io/local/" + "daskflow-flows:dev"

spec = make_cluster_spec(name="features", image=IMAGE, env={"TOKEN": os.environ["TOKEN"], "STAGE": "test"})
spec["spec"]["worker"]["spec"]["containers"][0]["resources"] = {"limits": {"memory": "1G"}}
spec["spec"]["worker"]["spec"]["tolerations"] = [{"key": "dask", "operator": "Exists"}]

with KubeCluster(custom_cluster_spec=spec, n_workers=2, shutdown_on_close=False) as cluster:
    print(Client(cluster).submit(sum, range(10)).result())

scratch = KubeCluster(
    name="{user}-scratch",
    namespace=os.environ.get("NAMESPACE"),
    image=IMAGE,
    n_workers=3,
    resources={"requests": {"cpu": "0.1", "memory": "128Mi"}},
    worker_command="dask-worker --nthreads 2",
    idle_timeout=30 * 60,
    scheduler_service_type="LoadBalancer",
)
scratch.adapt(minimum=1, maximum=4)
scratch.add_worker_group("highmem", n_workers=1, resources={"limits": {"memory": "2G"}})
