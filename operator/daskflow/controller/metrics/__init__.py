"""What the operator tells Prometheus. No label is ever a name or a uid.

definitions      every metric: name, type, labels, what it says
registry         counts what parts of the operator report, and exposes it
snapshot         what is true at the moment of a scrape, from store and queue
pools            clusters that wait among it
milestones       how long steps of runs take, from changes of objects
reference        makes docs/metrics.md
"""
