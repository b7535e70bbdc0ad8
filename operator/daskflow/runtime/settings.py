"""What the operator says to a pod: environment and mounted files, with the defaults that hold in a pod."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl

CONTROL_PORT = 8788
READY_PORT = 8789
CLIENT_NAME = "run-"
"""What the names of a flow's Dask clients begin with, before the uid of its runner."""
ARCHIVE = os.path.dirname(os.path.dirname(__file__))
"""The zip that all of this is in: what more processes of the runtime are started from."""


def number(name: str, default: float) -> float:
    """DASKFLOW_<name> as a number; the default when it is absent or empty."""
    return float(os.environ.get("DASKFLOW_" + name) or default)


def text(name: str, default: str = "") -> str:
    """DASKFLOW_<name>; the default when it is absent or empty."""
    return os.environ.get("DASKFLOW_" + name) or default


def document(name: str) -> Any:
    """The JSON in DASKFLOW_<name>, {} by default; a long one comes in parts (manifests/long_text.py)."""
    whole = text(name, "{}")
    if whole.startswith("z:"):
        import base64
        import zlib

        parts = [whole[2:]]
        while text(f"{name}_{len(parts)}"):
            parts.append(text(f"{name}_{len(parts)}"))
        whole = zlib.decompress(base64.b64decode("".join(parts))).decode()
    return json.loads(whole)


def private() -> str:
    """A folder of this pod alone that can be written."""
    scratch = text("SCRATCH", "/scratch")
    return scratch if os.access(scratch, os.W_OK) else os.environ.get("TMPDIR") or "/tmp"


def mounted(name: str) -> str:
    """Path of a file of the cluster's Secret."""
    return os.path.join(text("DIR", "/daskflow"), name)


def token() -> str:
    """The control token; "" without a file, which the control listener takes as: refuse everybody."""
    try:
        with open(mounted("token"), encoding="ascii") as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""


def tls(server: bool) -> ssl.SSLContext | None:
    """A context that shows this cluster's certificate and asks the peer for one of the same CA.

    For the control listener, which has certificates of its own (control-…) where Dask's are the user's.
    None when the cluster has none. Host names are not checked: the CA signs for this cluster only.
    """
    ca, cert, key = (mounted(name) for name in ("control-ca.crt", "control-tls.crt", "control-tls.key"))
    if not os.path.exists(ca):
        ca, cert, key = (mounted(name) for name in ("ca.crt", "tls.crt", "tls.key"))
    if not os.path.exists(ca):
        return None
    import ssl  # takes longer than the rest of this module's users need to start the flow's process

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(ca)
    context.load_cert_chain(cert, key)
    return context


def say(line: str) -> None:
    """One line of the runtime's own in the pod's log."""
    print("daskflow: " + line, file=sys.stderr, flush=True)
