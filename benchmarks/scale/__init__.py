"""How the operator does with many of everything, on a control plane of its own with simulated nodes.

`python -m benchmarks.scale.stream --runs 500` makes the cluster, measures and ends it (`tests.fire.place`).
What is compared takes turns within one program, since a machine of several people is never the same twice.

place        the cluster, its furniture and what a program says of itself
objects      runs as users write them, and the same objects as if made by hand
watching     what the API server tells, with the time at which it did
moments      when what happened to each run
contestants  the operator and the hand: making so many runs, and taking down what is theirs
stream       a program: runs from their acceptance to the end of their pods
rays         a program: our clusters in turns with RayClusters on KubeRay's operator, which `kuberay` is
"""
