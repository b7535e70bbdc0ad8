"""The cluster's certificates: an authority, one for each component, and kubeconfigs that hold them.

Every certificate carries the name and groups that RBAC and the Node authorizer know the component by.
"""

import base64
import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.cluster.settings import API_SERVER, API_SERVICE_IP, NODE_IP, NODE_NAME


@dataclass(frozen=True)
class Identity:
    """Who a client certificate says its bearer is."""

    file: str
    user: str
    groups: tuple[str, ...] = ()


ADMIN = Identity("admin", "admin", ("system:masters",))
CONTROLLER_MANAGER = Identity("controller-manager", "system:kube-controller-manager")
SCHEDULER = Identity("scheduler", "system:kube-scheduler")
KUBELET = Identity("kubelet", f"system:node:{NODE_NAME}", ("system:nodes",))
PROXY = Identity("proxy", "system:kube-proxy")
COREDNS = Identity("coredns", "system:coredns")
KWOK = Identity("kwok", "kwok", ("system:masters",))
KUBELET_CLIENT = Identity("apiserver-kubelet-client", "kube-apiserver-kubelet-client")
ETCD_CLIENT = Identity("etcd-client", "kube-apiserver-etcd-client")

WITH_KUBECONFIG = (ADMIN, CONTROLLER_MANAGER, SCHEDULER, KUBELET, PROXY, COREDNS, KWOK)

SERVER_NAMES = {
    "apiserver": (
        *(
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
        ),
        *("localhost", NODE_NAME, NODE_IP, API_SERVICE_IP, "127.0.0.1"),
    ),
    "kubelet-server": (NODE_NAME, NODE_IP),
    "etcd": ("localhost", "127.0.0.1"),
}


def write_pki(directory: Path) -> None:
    """Make everything anew in `directory`; kubeconfigs are named after their certificate."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    authority = Authority()
    (directory / "ca.crt").write_bytes(authority.certificate)
    _write_key(directory / "ca.key", authority.key)
    for name, hosts in SERVER_NAMES.items():
        _issue(authority, directory, name, hosts[0], hosts=hosts)
    for identity in (*WITH_KUBECONFIG, KUBELET_CLIENT, ETCD_CLIENT):
        _issue(authority, directory, identity.file, identity.user, groups=identity.groups)
    for identity in WITH_KUBECONFIG:
        file = directory / f"{identity.file}.kubeconfig"
        file.write_text(render_kubeconfig(identity.user, directory, identity.file))
        file.chmod(0o600)
    tokens = ec.generate_private_key(ec.SECP256R1())
    _write_key(directory / "service-accounts.key", tokens)
    (directory / "service-accounts.pub").write_bytes(
        tokens.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def render_kubeconfig(user: str, directory: Path, file: str) -> str:
    """A kubeconfig that holds its certificates, so that it can be copied anywhere."""

    def encoded(name: str) -> str:
        return base64.b64encode((directory / name).read_bytes()).decode()

    credentials = {
        "client-certificate-data": encoded(f"{file}.crt"),
        "client-key-data": encoded(f"{file}.key"),
    }
    cluster = {"server": API_SERVER, "certificate-authority-data": encoded("ca.crt")}
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "daskflow", "cluster": cluster}],
            "users": [{"name": user, "user": credentials}],
            "contexts": [{"name": "daskflow", "context": {"cluster": "daskflow", "user": user}}],
            "current-context": "daskflow",
        },
        sort_keys=False,
    )


class Authority:
    """Signs the certificates of one cluster."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name("daskflow-local")
        certificate = (
            _builder(self.name, self.name, self.key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM)

    def issue(
        self,
        key: ec.EllipticCurvePrivateKey,
        user: str,
        groups: Sequence[str] = (),
        hosts: Sequence[str] = (),
    ) -> bytes:
        """A certificate for a server when it has `hosts`, else for a client."""
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = (
            _builder(_name(user, groups), self.name, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            # Python 3.13 takes no certificate without it.
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        if hosts:
            names = x509.SubjectAlternativeName([_host(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _issue(
    authority: Authority,
    directory: Path,
    file: str,
    user: str,
    groups: Sequence[str] = (),
    hosts: Sequence[str] = (),
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    (directory / f"{file}.crt").write_bytes(authority.issue(key, user, groups, hosts))
    _write_key(directory / f"{file}.key", key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))  # clocks step back when machines are resumed
        .not_valid_after(now + datetime.timedelta(days=3650))
    )


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(user: str, groups: Sequence[str] = ()) -> x509.Name:
    organizations = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    return x509.Name([*organizations, x509.NameAttribute(NameOID.COMMON_NAME, user)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write_key(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    file.touch(mode=0o600)
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
