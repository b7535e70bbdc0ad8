import coiled

cluster = coiled.Cluster(
    name="reports",
    software="reports-env",
    n_workers=[1, 3],
    worker_cpu=1,
    worker_memory=["512 MiB", "8 GiB"],
    worker_disk_size=100,
    worker_options={"nthreads": 2, "resources": {"SLOTS": 2}, "lifetime": "1h"},
    scheduler_memory="512MiB",
    spot_policy="spot_with_fallback",
    region="eu-central-1",
    environ={"STAGE": "prod"},
    idle_timeout="20 minutes",
    wait_for_workers=1,
    tags={"team": "geo"},
)
client = cluster.get_client()
