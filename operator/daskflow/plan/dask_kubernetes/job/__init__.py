"""The life of a DaskJob of dask-kubernetes: POLICIES in `life`, whose imports say where each stands.

life       the policies, from top to bottom; view is what they look at
making     cluster and runner are made, and the runner may start once it is written down
progress   the runner runs, or what keeps it from that
ending     the runner has ended, is lost, or has no cluster any more
status     the five fields that clients read, and where reasons are told
runner     what the runner's pod says
"""
