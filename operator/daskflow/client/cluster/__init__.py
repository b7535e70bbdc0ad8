"""A DaskCluster in a program's hands.

dask_cluster     `daskflow.Cluster`, which is one of `distributed`'s deploy clusters
  life                           how it begins, is heard of and ends
  creation                       the request that makes it
    manifest                     the object
  session                        one that is used from here: watched, and reached
    certificates                 what its scheduler asks for
  pod_logs                       what its pods have printed
  versions                       what is of another version here than there

Only `life` imports `distributed`, as far as it is there, and only `daskflow.Cluster` imports that.
"""
