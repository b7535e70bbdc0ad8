"""TLS with the members of one cluster: which certificate is shown, and whose is taken.

Kept for the clusters that were spoken to last, of some 30 KB each: making one takes 0.8 ms of CPU, more than
the handshake (OpenSSL 3, EC P-256), and a claim comes over a connection of its own.
"""

import os
import ssl
from datetime import datetime
from functools import lru_cache

from daskflow.manifests.certificates import certificate_files


@lru_cache(maxsize=256)
def context_for(root_key: bytes, uid: str, created: datetime) -> ssl.SSLContext:
    """Shows the certificate of the cluster with this uid, and asks for one of the same authority, which signs
    for nobody else. `created` is its creationTimestamp.

    `ssl` reads them from files only: this one is in memory, has no name, and goes with its descriptor.
    """
    files = certificate_files(root_key, uid, created)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cadata=files["ca.crt"])
    file = os.memfd_create("certificate")
    try:
        os.write(file, f"{files['tls.crt']}{files['tls.key']}".encode())
        context.load_cert_chain(f"/proc/self/fd/{file}")
    finally:
        os.close(file)
    return context
