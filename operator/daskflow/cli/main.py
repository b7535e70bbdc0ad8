"""The commands of `daskflow`."""

import typer

from daskflow import __version__
from daskflow.cli.local.command import local

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(local)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"daskflow {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Say the version."
    ),
) -> None:
    """Runs packaged flows on ephemeral Dask clusters."""


if __name__ == "__main__":
    app()
