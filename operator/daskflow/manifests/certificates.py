"""A certificate authority and one certificate per cluster, derived from the operator's root key.

Derived, not drawn: a restarted operator has the same keys again without reading any Secret, and a plan
that holds them stays a pure function. EC P-256 with deterministic signatures (RFC 6979).
"""

import hashlib
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_FOR = timedelta(days=365)
_SKEW = timedelta(hours=1)
"""Nodes whose clock is behind must take a new certificate for valid."""
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def derived(root_key: bytes, uid: str, purpose: str, length: int = 32) -> bytes:
    """Secret bytes of one cluster for one purpose; nothing about the root key follows from them."""
    info = f"daskflow/{purpose}/{uid}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=info).derive(root_key)


def control_token(root_key: bytes, uid: str) -> str:
    """What every request to the cluster's control listener carries."""
    return derived(root_key, uid, "control-token").hex()


@lru_cache(maxsize=256)
def certificate_files(root_key: bytes, uid: str, created: datetime) -> dict[str, str]:
    """`ca.crt`, `tls.crt` and `tls.key` (PEM) of the cluster with this uid, valid for a year from `created`.

    One certificate serves scheduler, workers, runner and clients: each of them trusts this authority only.
    """
    authority_key = _private_key(root_key, uid, "ca")
    key = _private_key(root_key, uid, "leaf")
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"daskflow {uid}")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "daskflow cluster member")])
    authority = (
        _builder(issuer, issuer, authority_key, created)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
        .sign(authority_key, hashes.SHA256(), ecdsa_deterministic=True)
    )
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    member = (
        _builder(subject, issuer, key, created)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256(), ecdsa_deterministic=True)
    )
    pem = serialization.Encoding.PEM
    return {
        "ca.crt": authority.public_bytes(pem).decode(),
        "tls.crt": member.public_bytes(pem).decode(),
        "tls.key": key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
    }


def _private_key(root_key: bytes, uid: str, purpose: str) -> ec.EllipticCurvePrivateKey:
    # 48 bytes, so that the remainder is uniform to within 2^-128 (FIPS 186-5, A.2.1).
    number = int.from_bytes(derived(root_key, uid, purpose, 48), "big")
    return ec.derive_private_key(number % (_P256_ORDER - 1) + 1, ec.SECP256R1())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, created: datetime
) -> x509.CertificateBuilder:
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(hashlib.sha256(public).digest()[:16], "big"))
        .not_valid_before(created - _SKEW)
        .not_valid_after(created + VALID_FOR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
