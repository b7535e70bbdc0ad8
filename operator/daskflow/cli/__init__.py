"""The command `daskflow`. Knows the API's models, the client and the runtime; nothing of the operator.

- `main`: the program and its list of commands; `lazy` imports each when it is asked for;
  `kubectl_completion`: what kubectl asks.
- `commands/`: those that talk with a cluster. `local/`: the one that needs none.
- `options`: what several commands take; `exits`: how they end; `printing`: what they print.
- `submission`, `parameters`: from flags to a manifest.
- `following`: waiting for a run's end; `scene`: what a watched run looks like;
  `drawing`: a run's timeline in letters; `lettering`: how such pictures are printed.
- `tables/`: rows; `objects`: a kind's objects as such.
- `scheduling/`: ticks, and runs by hand. `explanation/`: why a run does not run.
- `reporting/`: where a report goes, and what is packed for a colleague.
- `verification/`: an installation that proves itself.
- `migration/`: what ran Dask elsewhere as manifests.
- `ui/`: the page in the browser. `browser`: how one is opened.
- `reaching`: which cluster a name means, and how long a way to it stays open.
- `checks`, `installed`: whether a cluster is ready for runs. `reference`: the page of all options.
"""
