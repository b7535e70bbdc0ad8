"""A stream of runs, from their acceptance to the end of their pods, next to the same objects made by hand.

`python -m benchmarks.scale.stream --runs 500 --rounds 2`. Flows do nothing and succeed after a while
(`--lasts`); `--paced` sends as many again at half the rate that was just reached.
"""

import argparse
import asyncio
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.scale.contestants import Cost, Result, Stream, bare, sample, with_operator
from benchmarks.scale.place import load, program, said, share
from tests.fire.upstream import connect

SPANS = (
    ("accepted to all pods created", "accepted", "pods"),
    ("flow ended to outcome known", "ended", "known"),
    ("flow ended to pods gone", "ended", "gone"),
)


async def measure(options: argparse.Namespace) -> str:
    """The table."""
    upstream = connect()
    stream = Stream(options.runs, 0.0, options.lasts, not options.plain)
    hand, ours, others, loads = [], [], [], []
    try:
        children = await sample(upstream, stream.secure, options.log)
        for number in range(options.rounds):
            if not options.alone:
                hand.append(await bare(upstream, stream, children))
                said(f"round {number + 1} by hand: {_rate(stream, hand[-1]):.0f} a minute, {load()}")
            if options.beside:
                others.append(await with_operator(upstream, stream, options.log, options.beside))
                said(f"round {number + 1} of the other: {_words(stream, others[-1])}, {load()}")
            result = await with_operator(upstream, stream, options.log)
            ours.append(result)
            loads.append(load())
            said(f"round {number + 1}: {_words(stream, result)}, {loads[-1]}")
        paced = None
        if options.paced:
            rate = statistics.median(_rate(stream, each) for each in ours) / 60 / 2
            slower = Stream(options.runs, rate, options.lasts, stream.secure)
            paced = await with_operator(upstream, slower, options.log)
    finally:
        await upstream.close()
    lines = [*_table(stream, hand, ours, paced, loads)]
    if others:
        lines += ["the other version", *_table(stream, [], others, None, loads)]
    return "\n".join(lines)


def _rate(stream: Stream, result: Result) -> float:
    return 60 * stream.runs / result.seconds


def _words(stream: Stream, result: Result) -> str:
    cpu = result.cost.cpu if result.cost else 0.0
    return f"{_rate(stream, result):.0f} a minute, {1000 * cpu / stream.runs:.1f} ms of CPU a run"


def _table(
    stream: Stream, hand: list[Result], ours: list[Result], paced: Result | None, loads: list[str]
) -> Iterator[str]:
    yield (
        f"{stream.runs} runs of a scheduler, 2 workers and a runner whose flow takes {stream.lasts}, TLS and "
        f"NetworkPolicy {'on' if stream.secure else 'off'}; {len(ours)} rounds in turns, {', '.join(loads)}"
    )
    rates = [_rate(stream, each) for each in ours]
    if hand:
        limits = [_rate(stream, each) for each in hand]
        yield _row("the same objects by hand, complete a minute", limits, "{:.0f}")
    yield _row("FlowRuns complete a minute", rates, "{:.0f}")
    if hand:
        yield _row("ratio", [mine / limit for mine, limit in zip(rates, limits, strict=True)], "{:.2f}")
    costs = [each.cost for each in ours if each.cost]
    yield _row("operator CPU, ms a run", [1000 * cost.cpu / stream.runs for cost in costs], "{:.1f}")
    yield _row("operator memory before, MB", [cost.base for cost in costs], "{:.0f}")
    yield _row("operator memory at its peak, MB", [cost.peak for cost in costs], "{:.0f}")
    yield from _spans("as fast as it goes", ours)
    if paced is not None:
        yield from _spans(f"at {60 * stream.runs / paced.seconds:.0f} a minute", [paced])
        if paced.cost:
            yield _row("operator CPU at that rate, ms a run", [1000 * paced.cost.cpu / stream.runs], "{:.1f}")
    yield from _writes(stream, costs[-1])
    for each in (*ours, *([paced] if paced else [])):
        wrong = each.book.wrong(f"r{number:05}" for number in range(stream.runs))
        yield from (f"wrong: {name} did not succeed" for name in wrong)


def _spans(title: str, results: list[Result]) -> Iterator[str]:
    yield f"  {title}, seconds: {'p50':>18}{'p95':>9}{'p99':>9}"
    for name, begin, end in SPANS:
        spans = [span for each in results for span in each.book.spans(begin, end)]
        yield f"    {name:38}" + "".join(f"{share(spans, part):9.2f}" for part in (0.5, 0.95, 0.99))


def _writes(stream: Stream, cost: Cost) -> Iterator[str]:
    made = sum(count for (verb, _), count in cost.writes.items() if verb == "create")
    total = cost.writes.total()
    beyond = (total - made) / stream.runs
    yield f"  {'API writes a run':48}{total / stream.runs:.2f}, {beyond:.2f} of them beyond one an object"
    for (verb, resource), count in cost.writes.most_common():
        yield f"    {verb} {resource:38} {count / stream.runs:8.2f}"


def _row(name: str, values: list[float], form: str) -> str:
    spread = f" ({form} to {form})".format(min(values), max(values)) if len(values) > 1 else ""
    return f"  {name:48}{form.format(statistics.median(values))}{spread}"


def main() -> int:
    """Prints one table; nothing is judged but that all runs succeed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale.stream", description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--lasts", default="2s", help="how long a flow takes")
    parser.add_argument("--plain", action="store_true", help="TLS and NetworkPolicy off")
    parser.add_argument("--alone", action="store_true", help="without the same by hand")
    parser.add_argument("--beside", type=Path, help="the folder operator/ of another version, in turns")
    parser.add_argument("--paced", action="store_true", help="once more, at half the rate")
    return program("benchmarks.scale.stream", parser, lambda options: asyncio.run(measure(options)))


if __name__ == "__main__":
    sys.exit(main())
