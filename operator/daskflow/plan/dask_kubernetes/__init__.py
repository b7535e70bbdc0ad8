"""The lives of dask-kubernetes' kinds, over the same pods as ours.

cluster        a scheduler behind a Service, and the first group of workers
worker_group   workers that are alike
job            a program with a cluster of its own
autoscaler     the default group follows the tasks
What they share: pod, one of their pods; words, what is told of an object; owner, who goes with which cluster;
moving, what their own operator has left on objects; connections, how pods are reached.
"""
