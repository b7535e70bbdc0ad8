"""The life of a DaskWorkerGroup of dask-kubernetes.

life   what is to happen with it
"""
