"""What runs inside the user's pods: shipped as a zip, run by the image's Python (3.9 on) and `distributed`.

Nothing here imports the rest of daskflow, or anything but `distributed` (2023.1 on) and what comes with it.
What flows may import from here is `Cluster`; within a run the zip brings `daskflow.runtime` to any image.

The launcher is the first process of every pod, and goes on in one of the rooms `runner`, `scheduler` and
`worker`. Below these lie `prefect` and `clusters`, and below them `local`. What several rooms need lies
beside them and imports none of them: settings, record (termination messages), ready (the port that the
kubelet asks), image (what one lacks), unpack (code that came with the flow), claimed
(what a run brings that has claimed a waiting cluster), importing (where a flow's code
is), dask_command, flow (what a flow is), errors and frames (exceptions in words), sigterm, forward_logs with
capture, guest (preloads in users' own processes).
`__init__` files and pack are not in the zip.
"""

from .clusters.cluster import Cluster as Cluster
