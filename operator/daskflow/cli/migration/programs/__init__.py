"""Programs in Python that make a Dask cluster, read and not run.

program           the calls that are known, each of which comes to a manifest
syntax            what a program's text says: calls, and arguments that are constants; changes, of these
kube_cluster, coiled_cluster, task_runner     what those of KubeCluster, coiled.Cluster, DaskTaskRunner mean
"""
