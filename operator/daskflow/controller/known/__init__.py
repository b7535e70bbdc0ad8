"""What the operator knows of objects, from watches, from the answers to its own writes, and from schedulers.

store            has it all, by key
  compact                        what it keeps of an object
  indexes, index, pools          which objects belong together; affected, whose turn it is after a change
  write_answers                  what writes were answered: created unread, name taken, refused
  deleted                        what is gone, and a run's last pod
  namespace_defaults             ConfigMaps with defaults of namespaces
  pruned                         what older CRDs dropped of a status
  scheduler_reports              counts and demand, what was told
observe          puts together what a plan needs of it
freshness        no status is trusted that is newer than what is known of children
foreign_statuses those that another process wrote

Nothing here writes to the API server, and of the controller's rooms it imports `kubernetes` only.
"""
