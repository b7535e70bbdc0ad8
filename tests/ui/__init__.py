"""The page of `daskflow ui` in a real browser, over a world in memory.

`browser` has the browser and what serves the page to it; `pictures` makes those of docs/ui.md.
"""
