"""The kinds of dask-kubernetes (`kubernetes.dask.org/v1`) as frozen models, with their definitions.

names          group, kinds, labels and the words of their statuses, as published clients know them
model          the base of these models: null is absent everywhere
cluster, worker_group, job, autoscaler   the four kinds, spec and status
crd            their definitions, in `crds/dask-kubernetes/`
"""
