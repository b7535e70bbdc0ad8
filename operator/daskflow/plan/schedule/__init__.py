"""The life of a FlowSchedule: POLICIES in `life`, whose imports say where each stands.

life             the policies, from top to bottom; view is what they look at, status what they write
ticks            which are due, caught up with, or wait; concurrencyPolicy
prewarming       the cluster of the next tick, started ahead
state            deleted, invalid, waiting or scheduled
history          how many ended runs stay
"""
