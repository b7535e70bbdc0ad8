"""`daskflow explain` in words: pure functions of what was found around a run.

`sentences` says what is; `remedies` has what to do about a reason.
"""
