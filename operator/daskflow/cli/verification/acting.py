"""Carrying out the steps of a check: the side that writes. What it makes is written down, to be removed."""

import asyncio
import json
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from daskflow.api.names import LABEL_COMPONENT
from daskflow.cli.verification import check as steps
from daskflow.cli.verification.observed import Observed
from daskflow.cli.verification.sight import Seeing
from daskflow.client.errors import DaskflowError, Forbidden, NotFound, Refused

if TYPE_CHECKING:
    from daskflow.cli.verification.operators import Operators
    from daskflow.client.connection import Connection

LOOK_SECONDS = 0.5
"""From one look at what nobody watches to the next."""


class Fault(Exception):
    """The check has failed; the text is what is wrong."""


class NotProvable(Exception):
    """It cannot be proved here; the text is why."""

    def __init__(self, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence)
        self.remedy = remedy


class Made(NamedTuple):
    """An object that is to be removed in the end."""

    kind: str
    namespace: str
    name: str


class Stage:
    """Where one check acts: its namespace, and what it sees there."""

    def __init__(
        self,
        connection: "Connection",
        namespace: str,
        seeing: Seeing,
        operators: "Operators",
        made: list[Made],
        patience: float,
    ) -> None:
        self._connection, self._namespace, self._seeing = connection, namespace, seeing
        self._operators, self._made, self._patience = operators, made, patience

    @property
    def seen(self) -> Observed:
        """What is known now."""
        return self._seeing.now

    async def take(self, step: steps.Step) -> None:
        """Raises Fault, NotProvable, and the errors of a connection."""
        match step:
            case steps.Make():
                await self._make(step)
            case steps.Send():
                await self._send(step)
            case steps.Change():
                await self._change(step)
            case steps.Remove():
                await self._remove(step)
            case steps.Evict():
                await self._evict(step)
            case steps.Until(moment, seconds):
                await self._until(moment, seconds)
            case steps.Stays(moment, seconds):
                if not await self._seeing.stays(moment, seconds):
                    raise Fault(f"{moment.what} did not hold for {seconds:g} s{_state(self.seen)}")
            case steps.ReadLogs():
                await self._read(step)
            case steps.Look():
                await self._look(step)
            case steps.Expect(expectations):
                if wrong := [fault for each in expectations if (fault := each(self.seen))]:
                    raise Fault("; ".join(wrong))
            case steps.Unless(so, why, remedy):
                if so(self.seen):
                    raise NotProvable(why, remedy)
            case steps.Operator(act):
                await self._operators.act(act, self.seen.slug)

    async def _until(self, moment: steps.Moment, seconds: float) -> None:
        if not await self._seeing.until(moment, seconds * self._patience):
            raise Fault(f"waited {seconds * self._patience:g} s for {moment.what}{_state(self.seen)}")

    async def _make(self, step: steps.Make) -> None:
        content = step.what(self.seen)
        kind, name = content["kind"], content["metadata"]["name"]
        namespace = content["metadata"].get("namespace", self._namespace)
        made = Made(kind, namespace, name)
        self._made.append(made)
        try:
            await self._connection.create(kind, content, namespace)
        except Forbidden:
            self._made.remove(made)
            raise
        except Refused as error:
            self._made.remove(made)
            if step.refused and step.refused in str(error):
                return
            raise Fault(str(error)) from error
        if step.refused:
            raise Fault(f"the API server took {kind} {name}, and should have refused it")

    async def _send(self, step: steps.Send) -> None:
        from daskflow.client.run import AsyncRun

        seen = self.seen
        self._made.append(Made("FlowRun", self._namespace, seen.name()))
        with tempfile.TemporaryDirectory() as folder:
            for path, text in step.files.items():
                place = Path(folder) / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text)
            await AsyncRun.submit(
                step.entrypoint,
                name=seen.name(),
                namespace=self._namespace,
                image=seen.facts.image,
                workers=step.workers,
                code=folder,
                spec=seen.facts.spec,
                connection=self._connection,
            )

    async def _change(self, step: steps.Change) -> None:
        seen = self.seen
        change = step.change(seen) if callable(step.change) else step.change
        await self._request("PATCH", step.kind, step.name(seen), step.below, change)

    async def _remove(self, step: steps.Remove) -> None:
        options: dict[str, Any] = {"propagationPolicy": "Orphan" if step.orphan else "Background"}
        if step.grace is not None:
            options["gracePeriodSeconds"] = step.grace
        with suppress(NotFound):
            await self._request("DELETE", step.kind, step.name(self.seen), "", options)

    async def _evict(self, step: steps.Evict) -> None:
        name = step.name(self.seen)
        eviction = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": self._namespace},
        }
        await self._request("POST", "Pod", name, "eviction", eviction)

    async def _request(
        self, method: str, kind: str, name: str, below: str, content: Mapping[str, Any]
    ) -> None:
        if not name:
            raise Fault(f"there is no {kind} to {method.lower()}{_state(self.seen)}")
        media = "application/merge-patch+json" if method == "PATCH" else "application/json"
        asked = self._connection.open(
            method,
            kind,
            name,
            self._namespace,
            below=below,
            content=json.dumps(content),
            headers={"Content-Type": media},
        )
        async with asked as answer:
            await answer.aread()

    async def _read(self, step: steps.ReadLogs) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + step.seconds * self._patience
        while True:
            said = await self._logs(step.component, step.part)
            self._seeing.know(logs=said)
            if step.words in said or loop.time() > due:
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _logs(self, component: str, part: str) -> str:
        texts = []
        for pod in sorted(self.seen.pods(component, part), key=lambda pod: str(pod["metadata"]["name"])):
            name = pod["metadata"]["name"]
            query = {"container": (pod["metadata"].get("labels") or {}).get(LABEL_COMPONENT)}
            asked = self._connection.open("GET", "Pod", name, self._namespace, below="log", query=query)
            async with asked as answer:
                texts.append((await answer.aread()).decode(errors="replace"))
        return "\n".join(texts)

    async def _look(self, step: steps.Look) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + step.seconds * self._patience
        while True:
            found = await self._found(step.kinds)
            self._seeing.know(listed=found)
            if step.moment.here(self.seen):
                return
            if loop.time() > due:
                names = [f"{kind} {each['metadata']['name']}" for kind in found for each in found[kind]]
                there = f"; there {'is' if len(names) == 1 else 'are'} {', '.join(names) or 'none'}"
                raise Fault(f"waited {step.seconds:g} s for {step.moment.what}{there}")
            await asyncio.sleep(LOOK_SECONDS)

    async def _found(self, kinds: tuple[str, ...]) -> dict[str, list[dict[str, Any]]]:
        """By kind; Secrets among others are left out where they may not be listed: that is to read them."""
        found = {}
        for kind in kinds:
            try:
                found[kind] = await self._listed(kind)
            except Forbidden:
                if kind != "Secret" or len(kinds) == 1:
                    raise
        return found

    async def _listed(self, kind: str) -> list[dict[str, Any]]:
        items = await self._connection.list(kind, self._namespace)
        start = self.seen.slug
        return [
            item
            for item in items
            if item["metadata"]["name"] == start or item["metadata"]["name"].startswith(f"{start}-")
        ]


def _state(seen: Observed) -> str:
    """How things stand, as the end of a sentence."""
    words = []
    for kind in ("FlowSchedule", "FlowRun", "DaskCluster"):
        for item in seen.there(kind)[:3]:
            status = item.get("status") or {}
            told = [str(status[name]) for name in ("phase", "reason", "message") if status.get(name)]
            words.append(f"{item['metadata']['name']} is {': '.join(told) or 'without a status'}")
    return "; " + "; ".join(words) if words else ""


def sentence(error: DaskflowError) -> str:
    """What an error says, as reports have it."""
    return str(error).rstrip(".")
