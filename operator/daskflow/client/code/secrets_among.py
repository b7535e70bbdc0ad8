"""Files that look like secrets: who can read ConfigMaps of the namespace could read them."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

_LOOKED_AT = 1024 * 1024
"""Bytes of each file."""
_NAMES = (
    *(".env", ".env.*", "*.env", ".envrc"),
    *("*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk"),
    *("id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*"),
    *(
        "credentials*",
        "*credentials.json",
        "client_secret*",
        "service-account*.json",
        "service_account*.json",
    ),
    *(".netrc", "_netrc", ".pgpass", ".pypirc", ".git-credentials", ".htpasswd", ".dockercfg"),
    *("kubeconfig*", "*.kubeconfig", "secrets.*", "*.tfstate", "*.tfvars"),
)
_PATHS = (".aws/*", ".ssh/*", ".kube/*", ".docker/config.json", ".config/gcloud/*", ".azure/*")
_HARMLESS = (
    *("*.py", "*.pyi", "*.md", "*.rst", "*.pub"),
    *(".env.example", ".env.sample", ".env.template", ".env.dist", "*.example"),
)
"""Names like those above that are code, or made to be shown."""
_CONTENTS = {
    "a private key": re.compile(
        rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\n)+[A-Za-z0-9+/=:, \\\r\n-]{40}"
    ),
    "an access key of AWS": re.compile(rb"\b(?:AKIA|ASIA)(?![A-Z0-9]{9}EXAMPLE)[A-Z0-9]{16}\b"),
    "a token of GitHub": re.compile(rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40})"),
    "a token of GitLab": re.compile(rb"\bglpat-[A-Za-z0-9_-]{20}"),
    "a token of Slack": re.compile(rb"\bxox[abprs]-[A-Za-z0-9-]{20}"),
    "an API key of Google": re.compile(rb"\bAIza[A-Za-z0-9_-]{35}\b"),
    "a key of Stripe": re.compile(rb"\b[rs]k_live_[A-Za-z0-9]{20}"),
}


def suspects(files: Mapping[str, Path]) -> dict[str, str]:
    """What each of them looks like, by the name of the file; none for most."""
    found = {name: _suspicion(name, path) for name, path in files.items()}
    return {name: why for name, why in found.items() if why}


def content_suspicion(content: bytes) -> str:
    """What a text has in it that should stay here; "" for most."""
    why = next((what for what, pattern in _CONTENTS.items() if pattern.search(content)), "")
    return f"it has {why}" if why else ""


def _suspicion(name: str, path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(_LOOKED_AT)
    if why := content_suspicion(content):
        return why
    last = name.rpartition("/")[2].lower()
    if any(fnmatchcase(last, pattern) for pattern in _HARMLESS) or _public(last, content):
        return ""
    named = any(fnmatchcase(last, pattern) for pattern in _NAMES)
    placed = any(fnmatchcase(f"/{name}".lower(), f"*/{pattern}") for pattern in _PATHS)
    return "its name" if named or placed else ""


def _public(name: str, content: bytes) -> bool:
    """A PEM file of certificates or public keys only."""
    kinds = set(re.findall(rb"-----BEGIN ([A-Z0-9 ]+)-----", content))
    return (
        name.endswith(".pem")
        and bool(kinds)
        and kinds <= {b"CERTIFICATE", b"TRUSTED CERTIFICATE", b"PUBLIC KEY"}
    )
