"""What is loaded into Dask's scheduler."""
