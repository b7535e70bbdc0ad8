"""The life of a DaskAutoscaler of dask-kubernetes: POLICIES in `life`; view is what they look at.

life    what is wrong with it, or where the number of workers goes
steps   up at once, down a quarter at most, with pauses
view    its cluster, and who else sets the number
"""
