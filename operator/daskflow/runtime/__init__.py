"""What runs inside the user's pods: shipped as a zip, run by the image's Python (3.9 on) and `distributed`.

Nothing here imports the rest of daskflow, or anything but `distributed` (2023.1 on) and what comes with it.
What flows may import from here is `Cluster`; within a run the zip brings `daskflow.runtime` to any image.
"""

from .clusters.cluster import Cluster as Cluster
