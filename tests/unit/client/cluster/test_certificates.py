"""A cluster's certificates are the user's to read, and are kept from others."""

import base64
import stat
from pathlib import Path

import pytest
from daskflow.client.cluster.certificates import Certificates, certificates
from daskflow.client.connection import Connection
from daskflow.client.errors import NotFound, Refused
from distributed import Security

from tests.unit.client.cluster.operator_in_memory import Operator


def secret(operator: Operator, **data: str) -> None:
    encoded = {
        name.replace("_", "."): base64.b64encode(text.encode()).decode() for name, text in data.items()
    }
    operator.objects["secrets/s"] = {"metadata": {"name": "s"}, "data": encoded}


def test_they_are_read_from_the_secret(operator: Operator, connection: Connection) -> None:
    secret(operator, ca_crt="A", tls_crt="B", tls_key="C", token="secret")
    found = operator.run(certificates(connection, "s", "team"))
    assert found == Certificates("A", "B", "C")
    assert repr(found) == "<Certificates>"


def test_what_is_missing_is_named(operator: Operator, connection: Connection) -> None:
    secret(operator, ca_crt="A", tls_crt="B")
    with pytest.raises(Refused, match=r"the Secret s has no tls.key in it"):
        operator.run(certificates(connection, "s", "team"))
    with pytest.raises(NotFound, match="there is no Secret z"):
        operator.run(certificates(connection, "z", "team"))


def test_files_are_the_users_own_and_go() -> None:
    with Certificates("A", "B", "C").files() as folder:
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
        assert modes == {"ca.crt": 0o600, "tls.crt": 0o600, "tls.key": 0o600}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert (folder / "tls.key").read_text() == "C"
    assert not Path(folder).exists()


def test_dask_takes_them_from_memory() -> None:
    made = Security.temporary()
    pem = Certificates(made.tls_ca_file, made.tls_client_cert, made.tls_client_key)
    arguments = pem.security().get_connection_args("client")
    assert arguments["require_encryption"]
    assert arguments["ssl_context"].cert_store_stats()["x509"] == 1
