"""The life of a DaskCluster: POLICIES in `life`, whose imports say where each stands.

life             the policies, from top to bottom; view is what they look at, status what they write
making           what pods need, then all pods at once
workers          dead ones are replaced, surplus ones go
  groups         one group of them: who is present, staying, retired, dead
scaling          another number of workers, by hand or by demand
state            Starting, Ready or Degraded
suspension       nothing of it runs until it is resumed
ending           it ends with its scheduler, or is deleted
certificates     those that expire soon
mending          children, and hand_edits statuses, that somebody edited by hand
"""
