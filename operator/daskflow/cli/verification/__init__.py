"""`daskflow verify`: an installation proves itself, where it is installed and with its users' image.

- `check`: a check as data, `observed`: what was seen of its objects; `moments`, `expectations` and
  `histories`: questions about that. `catalogue/`: all checks. These are pure.
- `manifests`: the objects that checks make. `programs`: the Python that they run.
- `sight`: watches; `acting`: one step of a check; `operators`: what is done to the operator.
- `place`: the namespaces, and that nothing stays; `interrupts`: also after Ctrl-C.
- `runner`: all checks, a bounded number at a time.
- `reports/`: what it came to. `reference`: the page of all checks.
"""
