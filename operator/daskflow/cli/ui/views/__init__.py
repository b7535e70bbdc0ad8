"""What a page shows, as pure functions of what is known; nothing here asks the cluster.

- `page`: what a page is; `pages`: which one an address means; `common`: what all have;
  `listing`: one with a table of all objects of a kind.
- `runs`, `run`, `clusters`, `cluster`, `schedules`, `schedule`: the pages; `report`: a part of a run's.
"""
