"""What `daskflow schedule` does beyond looking: when a schedule ticks next, and runs from it by hand.

- `known`: a schedule and its runs as they were read, for all of them.
- `upcoming`: the next ticks. `by_hand`: one run now.
- `interval`: from two times that were typed to the ticks between; `backfill`: what is to be made of each;
  `filling`: making it.
"""
