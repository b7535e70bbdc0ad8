"""The life of a DaskAutoscaler of dask-kubernetes.

life   what is to happen with it
"""
