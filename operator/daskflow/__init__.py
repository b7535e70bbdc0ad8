"""Runs packaged flows on ephemeral Dask clusters in Kubernetes."""

__version__ = "0.1.0"
