"""The life of a DaskCluster."""
