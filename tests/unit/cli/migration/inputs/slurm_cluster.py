from dask.distributed import Client
from dask_jobqueue import SLURMCluster

CORES = 4

cluster = SLURMCluster(
    queue="regular",
    account="geo",
    cores=CORES,
    processes=2,
    memory="2 GB",
    walltime="01:00:00",
    job_script_prologue=["export OMP_NUM_THREADS=1"],
)
cluster.scale(jobs=1)
client = Client(cluster)
