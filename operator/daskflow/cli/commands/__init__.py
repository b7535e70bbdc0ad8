"""The commands that talk with a cluster, each in the module of its name; `change.py` has several."""
