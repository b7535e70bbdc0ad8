"""The whole operator in a deterministic world: virtual time, an API server in memory, pods that live and die.

The controller and the planners that run in here are the real ones; only the API server, the nodes and time
are models. `python -m tests.simulation.run --help` replays a case; one that breaks prints its command.

The way through: `run` (or a test) takes `cases`: a scenario, a seed, and what goes wrong on the operator's
side. `trial` lives each in a `loop` whose clock jumps, in a `world`, and there comes a `result`.

- `scenarios/`: what is tried. Begin with `scenario` and `runs`; a new one is a `Scenario(...)` in its module.
- `actions/`: what users, nodes, the API server and the operator's machine do while a scenario lives.
- `kubernetes/`: the API server, its nodes and pods. `dask/`: what runs inside the pods, role by role.
- `operators/`: the real operator, wired as in its `main`, on a connection that fails.
- `invariants/`: what must hold at every step, by kind, and at the end.
- `mutants/`: ways to break the operator, one module for each of its rooms, which a case must notice.

`claims` makes claims of waiting clusters by the thousand. `counts` tells what lives cost, `counts.json` what
they may.

`toy` is the smallest life that needs all of the controller, for tests/unit/controller.
"""
