"""`python -m daskflow.cli`."""

from daskflow.cli.main import app

app()
