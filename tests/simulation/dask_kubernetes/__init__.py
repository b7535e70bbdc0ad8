"""Lives of dask-kubernetes' kinds: the real operator and planners, with users' pods on simple nodes.

The pods are their users', so that nothing of our runtime is in them: `kubelet` starts and ends them, and says
what it sees. `world` lives a scenario of `scenarios` with what a case does to the operator, and watches that
what `invariants` say holds at every step and at the end. `clusters` does the same for the clusters of
`cluster_scenarios`, with a Dask that says who is registered.
"""
