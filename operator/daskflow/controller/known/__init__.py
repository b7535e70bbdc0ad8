"""What the operator knows of objects, from watches, from the answers to its own writes, and from schedulers.

`store` has it, `observe` puts together what a plan needs of it. Nothing here writes to the API server, and of
the controller's rooms it imports `kubernetes` only.
"""
