"""The Kubernetes of the simulated world: an API server in memory, nodes, and pods that live and die."""
