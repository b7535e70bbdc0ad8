"""A small API server in a thread of its own, on loopback, for commands that are called as a whole.

It has objects in memory, and says whatever a test wants it to say instead.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import yaml
from daskflow.cli.main import app
from typer.testing import CliRunner, Result

Object = dict[str, Any]
NAMESPACE = "team"


class Request(NamedTuple):
    """What was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any

    @property
    def place(self) -> list[str]:
        """Plural, and name if there is one, behind the namespace."""
        return self.path.split(f"/namespaces/{NAMESPACE}/")[-1].split("/")


class Answer(NamedTuple):
    """What is said."""

    body: Any
    status: int = 200
    kind: str = "application/json"


class Server:
    """`say` is asked first; where it answers None, the objects do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.objects: dict[str, dict[str, Object]] = {}
        """By plural and name."""
        self.requests: list[Request] = []
        self.say: Callable[[Request], Answer | None] = lambda _: None
        self.created: Callable[[Object], Object] = lambda made: made
        """What becomes of an object that is made."""
        self.url = ""

    def put(self, plural: str, content: Object) -> Object:
        """An object that is there."""
        metadata = {
            "namespace": NAMESPACE,
            "uid": f"uid-{content['metadata']['name']}",
            "resourceVersion": "1",
        }
        metadata["creationTimestamp"] = "2026-01-01T00:00:00Z"
        made = {**content, "metadata": {**metadata, **content["metadata"]}}
        self.objects.setdefault(plural, {})[made["metadata"]["name"]] = made
        return made

    def answer(self, request: Request) -> Answer:
        """As an API server would."""
        self.requests.append(request)
        said = self.say(request)
        if said is not None:
            return said
        if request.path == f"/api/v1/namespaces/{NAMESPACE}":
            return Answer({"kind": "Namespace", "metadata": {"name": NAMESPACE}})
        plural, *name = request.place
        there = self.objects.get(plural, {})
        if request.method == "POST":
            if request.body["metadata"]["name"] in there:
                return refused(409, "AlreadyExists", f'{plural} "{request.body["metadata"]["name"]}" exists')
            return Answer(self.put(plural, self.created(request.body)), 201)
        if name and name[0] not in there:
            return refused(404, "NotFound", f'{plural} "{name[0]}" not found', name=name[0], kind=plural)
        if request.method == "PATCH":
            there[name[0]]["spec"].update(request.body["spec"])
        return Answer(there[name[0]]) if name else self._list(request, there)

    def _list(self, request: Request, there: dict[str, Object]) -> Answer:
        """A watch has everything as it is, and ends: it is asked again soon."""
        if request.query.get("watch"):
            events = [{"type": "MODIFIED", "object": each} for each in there.values()]
            return Answer("".join(f"{json.dumps(event)}\n" for event in events).encode())
        wanted = dict(each.split("=") for each in request.query.get("labelSelector", "").split(",") if each)
        found = [
            each
            for _, each in sorted(there.items())
            if wanted.items() <= (each["metadata"].get("labels") or {}).items()
        ]
        start, limit = int(request.query.get("continue", 0)), int(request.query.get("limit", 500))
        more = str(start + limit) if start + limit < len(found) else ""
        metadata = {"resourceVersion": "1", "continue": more}
        return Answer({"metadata": metadata, "items": found[start : start + limit]})

    def call(self, *words: str, **environment: str) -> Result:
        """A command against it."""
        access = {"KUBECONFIG": str(self.kubeconfig())}
        return CliRunner().invoke(app, list(words), env={**access, **environment})

    def kubeconfig(self, *, server: str = "", cluster: Object | None = None, **user: Any) -> Path:
        """A file that leads here."""
        config = {
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": NAMESPACE}}],
            "clusters": [{"name": "c", "cluster": {"server": server or self.url, **(cluster or {})}}],
            "users": [{"name": "u", "user": user or {"token": "t"}}],
        }
        path = self.folder / "config"
        path.write_text(yaml.safe_dump(config))
        return path


def refused(code: int, reason: str, message: str, **details: Any) -> Answer:
    """A Status as API servers answer it."""
    body = {"kind": "Status", "status": "Failure", "reason": reason, "message": message, "code": code}
    return Answer({**body, "details": details}, code)


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """It listens within the block."""
    server = Server(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            """Tests print nothing."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = server.answer(
                Request(
                    self.command,
                    parts.path,
                    dict(parse_qsl(parts.query)),
                    {name.lower(): value for name, value in self.headers.items()},
                    json.loads(content) if content else None,
                )
            )
            said = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_PATCH = do_DELETE = do_GET

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        server.url = f"http://127.0.0.1:{listening.server_address[1]}"
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()
