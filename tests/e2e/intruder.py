"""What a pod of somebody else's tries against a cluster; runs inside that pod and prints what came of it.

TARGET has the addresses; each folder of certificates in FOLDERS is tried with the cluster's own control
token, so that nothing but the certificates can be what keeps it out. None means without certificates.
"""

import http.client
import json
import os
import socket
import ssl
import sys

from distributed import Client, Security

TARGET = json.loads(os.environ["TARGET"])
FOLDERS = json.loads(os.environ["FOLDERS"])
TIMEOUT = 3


def gullible(folder: str | None) -> ssl.SSLContext:
    """Shows this certificate, or none, and believes any server: only the other side can refuse."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if folder:
        context.load_cert_chain(f"{folder}/tls.crt", f"{folder}/tls.key")
    return context


class Gullible(Security):
    """Dask's client with such a context; by itself it refuses to connect without a certificate."""

    def __init__(self, folder: str | None) -> None:
        super().__init__()
        self.context = gullible(folder)

    def get_connection_args(self, role: str) -> dict[str, object]:
        return {"ssl_context": self.context, "require_encryption": False, "extra_conn_args": {}}


def submit(address: str, folder: str | None) -> object:
    """Work for the cluster."""
    with Client(address, timeout=TIMEOUT, security=Gullible(folder)) as client:
        return client.submit(sum, range(10)).result(timeout=20)


def ask(address: str, port: int, path: str, folder: str | None, secure: bool) -> object:
    """One HTTP request, with the token; whoever answers at all has let us in."""
    connection = (
        http.client.HTTPSConnection(address, port, timeout=TIMEOUT, context=gullible(folder))
        if secure
        else http.client.HTTPConnection(address, port, timeout=TIMEOUT)
    )
    connection.request("GET", path, headers={"Authorization": f"Bearer {TARGET['token']}"})
    return connection.getresponse().status


def listens(address: str, port: int) -> str:
    """Whether anything accepts connections there."""
    socket.create_connection((address, port), TIMEOUT).close()
    return "listens"


def attempt(what: str, call: object, *arguments: object) -> None:
    """One line of the answer: what was tried and what it came to."""
    try:
        answer = call(*arguments)  # type: ignore[operator]
    except Exception as error:
        answer = f"refused: {type(error).__name__}: {error}"[:200]
    print(json.dumps([what, answer]), flush=True)


def main() -> None:
    """Everything, with each folder."""
    scheduler, worker = TARGET["scheduler"], TARGET["worker"]
    for name, folder in FOLDERS.items():
        attempt(f"submit with {name}", submit, f"tls://{scheduler}:8786", folder)
        attempt(f"control with {name}", ask, scheduler, 8788, "/v1/watch?timeout=0", folder, True)
    attempt("submit over plain TCP", submit, f"tcp://{scheduler}:8786", None)
    attempt("control over plain HTTP", ask, scheduler, 8788, "/v1/watch?timeout=0", None, False)
    for path in ("/json/counts.json", "/metrics", "/health"):
        attempt(f"scheduler {path}", ask, scheduler, 8787, path, None, False)
        attempt(f"worker {path}", ask, worker, TARGET["worker_http"], path, None, False)
    attempt("worker's comm over plain HTTP", ask, worker, TARGET["worker_port"], "/metrics", None, False)
    attempt("scheduler's ready port", listens, scheduler, 8789)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
