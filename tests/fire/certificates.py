"""What a TLS server shows, from text: `ssl` reads certificates from files only."""

import ssl
import tempfile


def server_context(chain: str, trusted: str = "") -> ssl.SSLContext:
    """`chain` is a certificate and its key in PEM; with `trusted` clients have to be that authority's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    load(context, chain)
    if trusted:
        context.load_verify_locations(cadata=trusted)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def load(context: ssl.SSLContext, chain: str) -> None:
    """A certificate and its key, in PEM, are what this side shows."""
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(chain)
        file.flush()
        context.load_cert_chain(file.name)
