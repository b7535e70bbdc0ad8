"""Commands that are imported when they are asked for: the help of the whole program imports none."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup


class Place(NamedTuple):
    """Where a command's function, or a group's Typer, is found."""

    where: str
    """`module:name` below `daskflow.cli`."""
    help: str
    """Its line in the list of commands."""

    def load(self, name: str) -> Any:
        """The command, as typer makes it."""
        module, _, attribute = self.where.partition(":")
        found = getattr(import_module(f"daskflow.cli.{module}"), attribute)
        if not isinstance(found, typer.Typer):
            app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
            app.command(name)(found)
            found = app
        command = typer.main.get_command(found)
        command.name = name
        return command


def lazy(places: Mapping[str, Place]) -> type[TyperGroup]:
    """A group of these commands."""

    class Lazy(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands = {name: TyperCommand(name, help=place.help) for name, place in places.items()}

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:
            name, command, rest = super().resolve_command(ctx, args)
            return name, places[name].load(name) if name and name in places else command, rest

    return Lazy
