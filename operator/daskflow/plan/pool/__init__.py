"""The life of a ClusterPool: POLICIES in `life`, whose imports say where each stands.

life             the policies, from top to bottom; view is what they look at, status what they write
state            deleted, invalid, or how many wait and why no more
claims           what runs have claimed is counted
leaving          which clusters go: ended, stale, aged, given up for runs without room, too many
refill           which are made, and when
"""
