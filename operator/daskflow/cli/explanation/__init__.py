"""`daskflow explain` in words: pure functions of what was found around a run."""
