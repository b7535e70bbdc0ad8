"""Proofs on real parts: an operator whose API server fails it and that is killed, and one that gets anything.

`make fire`, `make fuzz` and `make mass`. Each makes a control plane of its own (`place`): etcd, an API server
and the controllers, in a network of their own, without nodes. Pods are those of `tests/simulation`, in real
time.

faults, proxy          what befalls calls between operator and API server; traffic counts what passes
certificates, credentials, upstream   who speaks to whom
operators, wrong_clock processes from the sources, killed at any moment or at a kind of write
blows                  the leader frozen or cut off, servers killed
ground, mirror, listeners   nodes, pods and invariants of the simulation on the real API server
scene                  all of that together
page                   docs/proof.md
beside                 the proxy alone, for benchmarks/kills.py: real nodes
ticks                  a schedule beside the runs
stories, __main__, report   runs of all kinds under fire, and the table of it
shapes, fuzz, walking, foreign, clarity   whatever anybody sends, changes or forges, and what is said of it
mass                   thousands of pods and hundreds of megabytes of others beside the operator's

The tests in here need nothing: `make pure` has them.
"""
