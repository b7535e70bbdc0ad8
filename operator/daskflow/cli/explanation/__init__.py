"""`daskflow explain` in words: pure functions of what was found around an object; `look` finds it.

- `sentences`, `clusters`, `schedules`, `pools`: all there is to say of an object of each kind;
  `parts`: what these have in common; `found`: what they are given.
- `pods`, `images`, `nodes`, `quotas`: why pods do not run, or ended. `remedies`: what to do about a reason.
"""
