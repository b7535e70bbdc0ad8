"""The life of a DaskCluster of dask-kubernetes, looked at as a whole each time.

life      what is to happen with it
view      what is there of it
making    scheduler, Service and its own worker group; a scheduler that has died is made again
scaling   its number of workers is copied to its own group
idle      one that computes nothing, and holds nothing, is deleted
reach     what keeps its Service from leading to the scheduler
status    what clients and people read
"""
