"""The life of a DaskCluster of dask-kubernetes.

life   what is to happen with it
"""
