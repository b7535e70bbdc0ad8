"""What `daskflow report` packs for a colleague.

- `contents`: finds it all and makes files of it; `archive`: the .tar.gz.
- `redaction`: takes secrets out of objects and texts; `secret_names`: what looks like one.
"""
