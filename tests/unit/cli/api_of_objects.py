"""An API server that has what it is given, and can be read: for commands that look at much at once."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from daskflow.client.kinds import KINDS

from tests.unit.client.api_in_memory import kubeconfig

Object = dict[str, Any]


class Objects:
    """What there is, and what the user may not look at."""

    def __init__(
        self,
        *objects: Object,
        logs: Mapping[str, str] | None = None,
        forbidden: tuple[str, ...] = (),
    ) -> None:
        """`logs` are by the pod's name, `forbidden` are plurals of kinds, or `log`."""
        self.objects, self.logs, self.forbidden = list(objects), dict(logs or {}), forbidden
        self.asked: list[str] = []
        """All paths so far."""
        self.lines = 0
        """Of logs that were given."""
        self.patches: list[Object] = []
        """What was asked to be changed; nothing is."""

    def answer(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, str | Object]:
        """Status and body."""
        self.asked.append(path)
        parts = [part for part in path.split("/") if part]
        version, rest = ("v1", parts[2:]) if parts[0] == "api" else ("/".join(parts[1:3]), parts[3:])
        if rest[:1] == ["namespaces"] and len(rest) > 2:
            rest = rest[2:]
        plural, name, below = (*rest, "", "", "")[:3]
        if plural in self.forbidden or below in self.forbidden:
            said = f'User "me" cannot list resource "{plural}" in API group "" in the namespace "team"'
            return 403, {"kind": "Status", "message": said, "reason": "Forbidden"}
        if below == "log":
            return self._log(name, query) if name in self.logs else (404, _missing(plural, name))
        if query.get("watch"):
            # All is listed anew, after the pause that a client makes.
            return 410, {"kind": "Status", "reason": "Expired", "message": "too old resource version"}
        kind = next(each for each in KINDS.values() if (each.version, each.plural) == (version, plural))
        found = [each for each in self.objects if each["kind"] == kind.name and _selected(each, query)]
        if not name:
            return 200, {"metadata": {"resourceVersion": "1"}, "items": found}
        one = [each for each in found if each["metadata"]["name"] == name]
        return (200, one[0]) if one else (404, _missing(plural, name))

    def _log(self, name: str, query: Mapping[str, list[str]]) -> tuple[int, str]:
        lines = self.logs[name].splitlines(keepends=True)
        given = lines[-int(query["tailLines"][0]) :] if "tailLines" in query else lines
        self.lines += len(given)
        return 200, "".join(given)


def _missing(plural: str, name: str) -> Object:
    return {
        "kind": "Status",
        "message": f'{plural} "{name}" not found',
        "reason": "NotFound",
        "details": {"name": name, "kind": plural},
    }


def _selected(each: Object, query: Mapping[str, list[str]]) -> bool:
    wanted = [part.partition("=") for part in query.get("labelSelector", [""])[0].split(",") if part]
    labels = each["metadata"].get("labels") or {}
    return all(labels.get(label) == value for label, _, value in wanted)


@contextmanager
def serving(objects: Objects, folder: Path) -> Iterator[str]:
    """The path of a kubeconfig, whose namespace is `team`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            self._answer(*objects.answer(asked.path, parse_qs(asked.query)))

        def do_PATCH(self) -> None:
            objects.patches.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            asked = urlsplit(self.path)
            self._answer(*objects.answer(asked.path, {}))

        def do_POST(self) -> None:
            """A review of the user's rights, or a new object."""
            made = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if made["kind"] != "SelfSubjectAccessReview":
                made["metadata"]["uid"] = "u"
                objects.objects.append(made)
                self._answer(201, made)
                return
            plural = made["spec"]["resourceAttributes"]["resource"]
            self._answer(201, {"status": {"allowed": plural not in objects.forbidden}})

        def _answer(self, status: int, body: str | Object) -> None:
            data = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain" if isinstance(body, str) else "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield str(kubeconfig(folder / "config", f"http://127.0.0.1:{server.server_port}"))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
