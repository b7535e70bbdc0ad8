"""Whose certificate is taken, however often one asks."""

import ssl
from datetime import UTC, datetime

import pytest
from daskflow.controller.schedulers.tls import context_for
from daskflow.manifests.certificates import certificate_files

from tests.fire.certificates import server_context

KEY = bytes(32)
CREATED = datetime(2026, 3, 1, tzinfo=UTC)


def shake_hands(uid: str, *, as_: str) -> None:
    """With a listener that has the certificate of cluster `as_`, and asks for one of the same."""
    files = certificate_files(KEY, as_, CREATED)
    listener = server_context(files["tls.crt"] + files["tls.key"], files["ca.crt"])
    there, here = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context_for(KEY, uid, CREATED).wrap_bio(there, here)
    server = listener.wrap_bio(here, there, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


def test_members_of_one_cluster_know_each_other_and_nobody_else() -> None:
    for _ in range(2):
        shake_hands("uid", as_="uid")
        with pytest.raises(ssl.SSLCertVerificationError):
            shake_hands("uid", as_="another")
    assert context_for(KEY, "uid", CREATED) is context_for(KEY, "uid", CREATED)
