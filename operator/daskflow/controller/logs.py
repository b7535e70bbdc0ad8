"""The operator's log: lines of text or of JSON, each with the run and attempt that it is about.

Whoever looks at an object calls `about`; all that is logged in that look, and by what it starts, says so.
Specs, statuses and answers of the API server are never logged whole: they hold what users keep in them.
"""

import json
import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

from daskflow.api.names import FLOW_RUN, LABEL_RUN
from daskflow.plan.model import Key, Object

Format = Literal["text", "json"]
FORMATS: tuple[Format, ...] = ("text", "json")
_ABOUT: ContextVar[Mapping[str, object]] = ContextVar("about", default={})  # noqa: B039 (never changed)


def about(key: Key, resource: Object | None = None) -> None:
    """What the present task looks at from now on."""
    found: dict[str, object] = {"kind": key.kind, "namespace": key.namespace, "name": key.name}
    status = (resource or {}).get("status") or {}
    labels = ((resource or {"metadata": {}})["metadata"]).get("labels") or {}
    run = key.name if key.kind == FLOW_RUN else labels.get(LABEL_RUN)
    if run:
        found["run"] = run
    if key.kind == FLOW_RUN and status.get("attempt"):
        found["attempt"] = status["attempt"]
    _ABOUT.set(found)


def set_up(level: str, form: str) -> None:
    """The root logger writes to standard error; what is about every event of every object is left out."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else Text())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # kopf logs each event that it hands over, and clients each request with what it holds.
    for name in ("kopf", "kubernetes", "asyncio", "aiohttp"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


class Text(logging.Formatter):
    """`2026-03-01 12:00:00,250 WARNING daskflow.controller.queue … kind=FlowRun … run=etl attempt=2`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        known = _ABOUT.get()
        pairs = (f"{name}={value}" for name, value in known.items())
        return " ".join([super().formatMessage(record), *pairs])


class Json(logging.Formatter):
    """One object a line: time, level, logger, message; kind, namespace, name, run and attempt where known."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_ABOUT.get(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
