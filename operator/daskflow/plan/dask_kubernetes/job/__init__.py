"""The life of a DaskJob of dask-kubernetes.

life   what is to happen with it
"""
