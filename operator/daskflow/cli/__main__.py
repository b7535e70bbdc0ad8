"""`python -m daskflow.cli`."""

from daskflow.cli.main import program

program()
