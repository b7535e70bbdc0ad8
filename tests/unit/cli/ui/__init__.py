"""The page of `daskflow ui` over a world in memory: views, streams, actions, and who may ask."""
