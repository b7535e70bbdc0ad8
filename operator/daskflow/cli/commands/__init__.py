"""The commands that talk with a cluster, each in the module of its name.

- `run`, `retry`: start a run. `list`, `get`, `watch`, `wait`, `logs`, `result`, `explain`,
  `timeline`, `report`: look at it.
- `change`: cancel, suspend, resume and delete. `cluster`, `schedule`, `pool`: groups of the other kinds.
- `ui`: all of it in the browser.
- `connect`, `dashboard`: use a cluster from here.
- `check`, `verify`, `version`, `completion`: of the program and what it finds.
"""
