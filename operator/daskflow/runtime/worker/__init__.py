"""What is loaded into Dask's workers."""
