"""A report in each of its forms."""

from collections.abc import Iterable
from typing import Literal

from daskflow.client.report.run_report import RunReport

Form = Literal["text", "svg", "html", "json"]
FORMS: dict[str, Form] = {".txt": "text", ".svg": "svg", ".html": "html", ".json": "json"}
"""By how a file's name ends."""


def written(form: Form, shown: RunReport, other: RunReport | None = None) -> str:
    """For a file; letters of 80 columns without colours. `other` is the run that it is compared with."""
    compared = shown.against(other) if other else None
    if form == "json":
        from daskflow.cli.printing import as_json
        from daskflow.client.report.data import as_data, difference_as_data

        return as_json(difference_as_data(compared) if compared else as_data(shown.figures)) + "\n"
    if form == "html":
        return compared.html() if compared else shown.html()
    if form == "svg":
        return shown.svg()
    return f"{compared or shown}\n"


def show(shown: RunReport, other: RunReport | None = None, more: Iterable[str] = ()) -> None:
    """In letters on stdout; `more` are lines below them."""
    from daskflow.cli import lettering
    from daskflow.client.report.letters import drawn, told

    if other:
        compared = shown.against(other)
        lettering.show(lambda width, _: told(compared.difference, width))
        return
    below = [[(line, "dim")] for line in more]
    lettering.show(lambda width, ascii_only: [*drawn(shown.figures, width, ascii_only=ascii_only), *below])
