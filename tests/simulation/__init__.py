"""The whole operator in a deterministic world: virtual time, an API server in memory, pods that live and die.

The controller and the planners that run in here are the real ones; only the API server, the nodes and time
are models. `python -m tests.simulation.run --help` replays a case.
"""
