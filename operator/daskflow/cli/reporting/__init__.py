"""Where a report comes from and goes to, and what `daskflow report -o archive` packs for a colleague.

- `source`: a run, or a file with its status; `forms`: letters, picture, page, figures;
  `destination`: the file it goes to.
- `packing`: all about a run as one archive; `contents`: finds it all and makes files of it;
  `archive`: the .tar.gz.
- `redaction`: takes secrets out of objects and texts; `secret_names`: what looks like one.
"""
