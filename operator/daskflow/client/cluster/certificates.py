"""What a cluster's scheduler asks of a client: the certificates of its Secret, read as the user."""

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from daskflow.client.connection import Connection
from daskflow.client.errors import Refused

AUTHORITY, CERTIFICATE, KEY = "ca.crt", "tls.crt", "tls.key"
_PRIVATE = 0o600


class Certificates(NamedTuple):
    """Of one cluster, as PEM. Who has them may use it as its own pods do."""

    authority: str
    certificate: str
    key: str

    def __repr__(self) -> str:
        return "<Certificates>"

    def security(self) -> Any:
        """`distributed`'s Security.

        It has these texts, and writes certificate and key into a temporary folder of the user's own for the
        moment in which OpenSSL reads them.
        """
        from distributed import Security

        return Security(
            tls_ca_file=self.authority,
            tls_client_cert=self.certificate,
            tls_client_key=self.key,
            require_encryption=True,
        )

    @contextmanager
    def files(self) -> Iterator[Path]:
        """A folder of the user's own with `ca.crt`, `tls.crt` and `tls.key`, as long as the block lasts."""
        with TemporaryDirectory(prefix="daskflow-") as folder:
            for name, text in zip((AUTHORITY, CERTIFICATE, KEY), self, strict=True):
                path = Path(folder, name)
                path.touch(_PRIVATE)
                path.write_text(text)
            yield Path(folder)


async def certificates(connection: Connection, secret: str, namespace: str) -> Certificates:
    """Those of a Secret. Raises Forbidden without the right to read it, and Refused where one is missing."""
    data = (await connection.get("Secret", secret, namespace)).get("data") or {}
    found = []
    for name in (AUTHORITY, CERTIFICATE, KEY):
        try:
            found.append(base64.b64decode(data[name], validate=True).decode())
        except (KeyError, binascii.Error, UnicodeDecodeError) as error:
            raise Refused(
                f"the Secret {secret} has no {name} in it, which clients of the cluster need; "
                "put it there, or make the cluster anew"
            ) from error
    return Certificates(*found)
