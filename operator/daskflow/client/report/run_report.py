"""A run's report in the hands of a program: what `run.report` is."""

from dataclasses import dataclass

from daskflow.client.report.difference import Difference, difference
from daskflow.client.report.figures import Figures
from daskflow.client.report.html import fragment
from daskflow.client.report.letters import drawn, told
from daskflow.client.report.page import beside, page, page_of_two
from daskflow.client.report.record import record_at
from daskflow.client.report.recorded import detailed
from daskflow.client.report.style import rules
from daskflow.client.report.svg import svg

WIDTH = 80
"""Columns of what is printed."""


@dataclass(frozen=True)
class RunReport:
    """Notebooks show it as pictures, `print` in letters."""

    figures: Figures
    """All in numbers: seconds and bytes."""

    def with_record(self, where: str) -> "RunReport":
        """The same with the record of each task at this path or URL (spec.report.to): all prefixes, the
        longest tasks, each worker. Raises WrongUse, PackageMissing."""
        return RunReport(detailed(self.figures, record_at(where)))

    def against(self, before: "RunReport") -> "Comparison":
        """What became slower since another run; one of the same name is called `NAME before`."""
        then = before.figures
        if then.run == self.figures.run:
            then = then._replace(run=f"{then.run} before")
        return Comparison(self.figures, then)

    def svg(self) -> str:
        """One picture."""
        return svg(self.figures)

    def html(self) -> str:
        """A page of its own, which needs no other file."""
        return page(self.figures)

    def _repr_html_(self) -> str:
        return f"<style>{rules()}</style>{fragment(self.figures)}"

    def __str__(self) -> str:
        return _text(drawn(self.figures, WIDTH))


@dataclass(frozen=True)
class Comparison:
    """Of two runs."""

    now: Figures
    before: Figures

    @property
    def difference(self) -> Difference:
        """Sentences and a table."""
        return difference(self.now, self.before)

    def html(self) -> str:
        """A page of its own, with both side by side."""
        return page_of_two(self.now, self.before, self.difference)

    def _repr_html_(self) -> str:
        return f"<style>{rules()}</style>{beside(self.now, self.before, self.difference)}"

    def __str__(self) -> str:
        return _text(told(self.difference, WIDTH))


def _text(lines: "list[list[tuple[str, str]]]") -> str:
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)
