"""What code of users gets when it asks for a cluster.

cluster          `daskflow.runtime.Cluster`: one more cluster, for as long as a `with` block
  dask_cluster, kubernetes_api     in Kubernetes: a DaskCluster, made with the pod's service account
  process_cluster                  under `daskflow local`: processes of this machine
one_machine_code `Client(n_workers=4)` and `LocalCluster()` in a run
  runs_cluster   what they get: the run's cluster under LocalCluster's names

May import `local`, and what lies beside the rooms. Runner and worker import it: both run code of users.
"""
