"""A man page of each command, from the program itself; click-man writes the troff."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from click_man.man import ManPage
from daskflow.cli.main import COMMANDS, app

from release import EPOCH, VERSION


def man_pages(folder: Path) -> list[Path]:
    """One a command, `daskflow-run.1` for example."""
    made = []
    for context in contexts():
        page = ManPage(context.command_path)
        page.version, page.date = VERSION, f"{datetime.fromtimestamp(EPOCH, UTC):%Y-%m-%d}"
        page.short_help = _line(context.command.help)
        page.description = _text(context.command.help)
        page.synopsis = " ".join(context.command.collect_usage_pieces(context))
        page.options = [
            record
            for parameter in context.command.params
            if parameter.param_type_name == "option" and (record := parameter.get_help_record(context))
        ]
        page.commands = [(name, _line(each.help)) for name, each in _below(context.command).items()]
        made.append(folder / f"{context.command_path.replace(' ', '-')}.1")
        made[-1].write_text(str(page))
    return made


def contexts() -> Iterator[Any]:
    """Of the program, of each of its commands, and of those of groups."""
    program = typer.main.get_command(app)
    yield from _contexts(program, "daskflow", None)


def _contexts(command: Any, name: str, parent: Any) -> Iterator[Any]:
    context = command.context_class(command, info_name=name, parent=parent)
    yield context
    for below, each in _below(command).items():
        # The program imports its commands when they are asked for.
        loaded = COMMANDS[below].load(below) if parent is None else each
        yield from _contexts(loaded, below, context)


def _below(command: Any) -> dict[str, Any]:
    return getattr(command, "commands", None) or {}


def _line(text: str | None) -> str:
    return _text(text).partition("\n")[0]


def _text(text: str | None) -> str:
    """troff takes a backslash, and a dot or apostrophe at a line's beginning, for its own."""
    lines = (text or "").replace("\\", "\\e").strip().splitlines()
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in map(str.strip, lines))
