"""What looks like a secret is found by name and content, and code is not."""

from pathlib import Path

import pytest
from daskflow.client.code.secrets_among import suspects

from .projects import project

_KEY = "-----BEGIN {}PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ"
SECRET = {
    ".env": "A=1",
    "deploy/.env.production": "A=1",
    "tls.key": "",
    "server.pem": "",
    "id_rsa": "",
    "credentials.json": "{}",
    ".aws/credentials": "",
    "kubeconfig": "",
    ".netrc": "",
    "etl.py": f"KEY = '''{_KEY.format('RSA ')}'''",
    "account.json": '{"private_key": "' + _KEY.format("").replace("\n", "\\n") + '"}',
    "aws.py": "KEY = 'AKIA" + "Q" * 16 + "'",
    "hub.py": "TOKEN = 'ghp_" + "a1" * 18 + "'",
}
CODE = {
    "environment.py": "",
    "credentials.py": "def credentials(): ...",
    ".env.example": "A=",
    "keys.py": "if '-----BEGIN PRIVATE KEY-----' in text: raise ValueError",
    "docs.md": "for example AKIAIOSFODNN7EXAMPLE",
    "id_rsa.pub": "ssh-rsa AAAA",
    "ca.pem": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "monkey.txt": "",
}


@pytest.mark.parametrize("name", SECRET)
def test_looks_like_a_secret(tmp_path: Path, name: str) -> None:
    assert list(suspects(project(tmp_path, {name: SECRET[name]}))) == [name]


@pytest.mark.parametrize("name", CODE)
def test_looks_like_code(tmp_path: Path, name: str) -> None:
    assert suspects(project(tmp_path, {name: CODE[name]})) == {}


def test_what_it_looks_like_is_said(tmp_path: Path) -> None:
    files = project(tmp_path, {name: SECRET[name] for name in (".env", "aws.py", "etl.py")})
    assert suspects(files) == {
        ".env": "its name",
        "aws.py": "it has an access key of AWS",
        "etl.py": "it has a private key",
    }
