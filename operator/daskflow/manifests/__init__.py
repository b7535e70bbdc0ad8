"""Pure builders of child objects: what the operator asks the API server to create, as plain data.

cluster          the DaskCluster of an attempt; the Service and Secret of a DaskCluster
pods             scheduler_pod, worker_pod and runner_pod
  common_pod     what the three have in common: security context, volumes, environment, labels, probes
  merge          a user's template over it
  place          addresses and names that the pods of a cluster are made with
  settings       numbers that an installation gives
  files          those that come with a flow; long_text, a text beyond one environment variable
units            the DaskClusters of a ClusterPool, and the runner's pod that waits with each
dask_kubernetes  what the kinds of dask-kubernetes consist of
network_policy   who may connect to a cluster
certificates     an authority and a certificate for each cluster, from the root key
alone            Secret and scheduling gate of a runner without a cluster
scheduled_run    the FlowRun of a tick, or one by hand; substitution is $(scheduledTime) in it
dask_kubernetes  for the kinds of dask-kubernetes
refused_settings what users may not set: template_rules for pods, dask_settings for Dask's own options
naming           names of children; objects, their metadata and owners; inherited_metadata, users' labels
"""
