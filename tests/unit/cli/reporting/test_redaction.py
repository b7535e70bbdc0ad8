"""Secrets are taken out wherever they are, and nothing else is."""

import base64
import json
import time
from typing import Any

import pytest
from daskflow.api.crd import KINDS
from daskflow.cli.reporting.redaction import MARK, Redactor
from daskflow.cli.reporting.secret_names import secret_field, secret_name
from hypothesis import given
from hypothesis import strategies as st

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

AT = "2026-11-27T03:00:00.123456789Z"


@pytest.mark.parametrize(
    "name",
    [
        *("PASSWORD", "DB_PASSWD", "pgpassword", "API_TOKEN", "apiKey", "aws_secret_access_key", "SSH_KEY"),
        *(
            "client-secret",
            "AUTHORIZATION",
            "SENTRY_DSN",
            "AZURE_STORAGE_CONNECTION_STRING",
            "auth",
            "GH_PAT",
        ),
        *("ENCRYPTION_KEY", "X_KEY", "session_cookie", "X-Amz-Signature"),
        *("DBPASS", "dbpass", "userPass", "pw", "DB_PW"),
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("author", "PATH", "path", "monkey", "keyboard", "compass", "day", "workers", "dispatch", "pattern"),
        *("bypass", "passenger", "pwrite"),
    ],
)
def test_other_names(name: str) -> None:
    assert not secret_name(name)


def test_no_field_of_ours_is_taken_for_a_secret() -> None:
    def names(schema: Any) -> list[str]:
        found: list[str] = []
        for name, below in (schema.get("properties") or {}).items():
            found += [name, *names(below)]
        return found + (names(schema["items"]) if isinstance(schema.get("items"), dict) else [])

    schemas = [kind.definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"] for kind in KINDS]
    assert not [name for schema in schemas for name in names(schema) if secret_field(name)]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("get https://me:hunter2@host/x?y=1", f"get https://{MARK}@host/x?y=1"),
        ("get https://me:p@ss@host/x", f"get https://{MARK}@host/x"),
        ("connect(password=p(w, user=me)", f"connect(password={MARK}, user=me)"),
        ("https://h/x?token=abc&page=2", f"https://h/x?token={MARK}&page=2"),
        ("https://h/x?X-Amz-Signature=abc&n=1", f"https://h/x?X-Amz-Signature={MARK}&n=1"),
        ("Authorization: Bearer abcdefghij", f"Authorization: {MARK}"),
        ("Authorization: Token 9944b09199c62bcf", f"Authorization: {MARK}"),
        ("authorization=ApiKey abc def\nnext", f"authorization={MARK}\nnext"),
        ('{"Authorization": "Negotiate YII=", "n": 1}', f'{{"Authorization": "{MARK}", "n": 1}}'),
        ("{'Authorization': b'Token 9944'}", f"{{'Authorization': b'{MARK}'}}"),
        ('curl -H "Authorization: Token 9944" host', f'curl -H "Authorization: {MARK}" host'),
        ('Authorization: Digest username="me", response="66"', f"Authorization: {MARK}"),
        ("send Negotiate YIIabcdefg=", f"send Negotiate {MARK}"),
        ("with token 9944b09199c62bcf9418", f"with token {MARK}"),
        ("Cookie: theme=dark; session=abc; id=d,e", f"Cookie: {MARK}"),
        ("curl -H 'Set-Cookie: a=1; b=2' host", f"curl -H 'Set-Cookie: {MARK}' host"),
        ("Cookie: id=AKIAIOSFODNN7ABCDEFG; session=abc", f"Cookie: {MARK}"),
        ("to postgresql://me:ab/cd+ef==@db/x", f"to postgresql://{MARK}@db/x"),
        ("to postgresql://me:a@b/c@d@db:5432/x now", f"to postgresql://{MARK}@db:5432/x now"),
        ("redis://:a/b@c@one,redis://:d@two/0", f"redis://{MARK}@one,redis://{MARK}@two/0"),
        ("a: 1\npassword: |\n  hunter2\n\n  more words\nb: 2", f"a: 1\npassword: |\n  {MARK}\nb: 2"),
        ("- api_key: >-\n    abc\n  n: 1", f"- api_key: >-\n    {MARK}\n  n: 1"),
        (f"{AT} tls.secret: |\n{AT}   abc\n{AT} b", f"{AT} tls.secret: |\n{AT}   {MARK}\n{AT} b"),
        ("docker login r.example -u me -p hunter2 && ls", f"docker login r.example -u me -p {MARK} && ls"),
        ("mongosh --username me -p 'hunter 2' db", f"mongosh --username me -p '{MARK}' db"),
        ("sshpass -p hunter2 ssh -p 22 host", f"sshpass -p {MARK} ssh -p 22 host"),
        ("mysqldump -u root -phunter2 db", f"mysqldump -u root -p{MARK} db"),
        ("curl -s -u me:hunter2 https://h/x", f"curl -s -u me:{MARK} https://h/x"),
        ("password=ab,cdefgh1234", f"password={MARK}"),
        ("a=1,password=ab,cd,user=me", f"a=1,password={MARK},user=me"),
        ("Pwd=a&bcdefg123;Server=x", f"Pwd={MARK};Server=x"),
        ("password: correct horse battery\nuser: me", f"password: {MARK}\nuser: me"),
        ("{password: it's a horse, user: me}", f"{{password: {MARK}, user: me}}"),
        ("DBPASS=x, userPass: y z, pw=z", f"DBPASS={MARK}, userPass: {MARK}, pw={MARK}"),
        ("get(url, auth=('me', 'hunter2'), n=1)", f"get(url, auth={MARK}, n=1)"),
        ("password: it's a\"b c", f"password: {MARK}"),
        ('PASSWORD = "hunter 2"', f'PASSWORD = "{MARK}"'),
        ("password: str = 'x'", f"password: str = '{MARK}'"),
        ('os.environ["API_KEY"] = "x"', f'os.environ["API_KEY"] = "{MARK}"'),
        ('{"client_secret": "x", "n": 1}', f'{{"client_secret": "{MARK}", "n": 1}}'),
        (r"{\"client_secret\": \"x\", \"n\": 1}", rf"{{\"client_secret\": \"{MARK}\", \"n\": 1}}"),
        ("run --db-password hunter2 --workers 3", f"run --db-password {MARK} --workers 3"),
        ("run --db-password=hunter2", f"run --db-password={MARK}"),
        (f"jwt {JWT} end", f"jwt {MARK} end"),
        ("key AKIAIOSFODNN7ABCDEFG end", f"key {MARK} end"),
        (f"ghp_{'a' * 36} and glpat-{'b' * 20}", f"{MARK} and {MARK}"),
        ("a\n-----BEGIN RSA PRIVATE KEY-----\nxx\n-----END RSA PRIVATE KEY-----\nb", f"a\n{MARK}\nb"),
        ("a -----BEGIN PRIVATE KEY-----\nMIIE", f"a {MARK}"),
        ("12:00 MIIE\n12:01 -----END PRIVATE KEY-----\n12:02 b", f"{MARK}\n12:02 b"),
    ],
)
def test_secrets_in_texts(text: str, left: str) -> None:
    redactor = Redactor()
    assert redactor.text(text) == left
    assert redactor.text(left) == left


@pytest.mark.parametrize(
    "text",
    [
        'secret "db" not found',
        "image r.example/etl@sha256:abc of https://r.example/v2",
        "Attempt 1 failed: ValueError: no good (etl.py, line 3). Next attempt in 11s.",
        "tls://10.0.0.1:8786",
        "token: None",
        "mail me@example.org",
        "get http://host:8080/packages/a@1.2",
        "Basic idea; a token was refused: none",
        "mkdir -p data && ssh -p 22 host; docker run -u 1000 -p 8080:80 image",
        "daskflow run etl.py -p day=monday",
        "mysql -u root -p",
    ],
)
def test_other_texts_stay(text: str) -> None:
    assert Redactor().text(text) == text


def test_variables_parameters_options_and_annotations() -> None:
    run = {
        "metadata": {
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "{}",
                "example.org/api-token": "t",
                "example.org/owner": "me",
            },
            "managedFields": [{}],
        },
        "spec": {
            "env": [
                {"name": "DB_PASSWORD", "value": "hunter2"},
                {"name": "DAY", "value": "monday"},
                {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "api", "key": "token"}}},
            ],
            "imagePullSecrets": [{"name": "regcred"}],
            "flow": {"parameters": {"n": 3, "login": {"password": 12345, "user": "me"}, "secrets": ["a"]}},
            "cluster": {"scheduler": {"args": ["--token", "abc", "--port", "1"]}},
        },
    }
    assert Redactor().object(run) == {
        "metadata": {"annotations": {"example.org/api-token": MARK, "example.org/owner": "me"}},
        "spec": {
            "env": [
                {"name": "DB_PASSWORD", "value": MARK},
                {"name": "DAY", "value": "monday"},
                {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "api", "key": "token"}}},
            ],
            "imagePullSecrets": [{"name": "regcred"}],
            "flow": {"parameters": {"n": 3, "login": {"password": MARK, "user": "me"}, "secrets": [MARK]}},
            "cluster": {"scheduler": {"args": ["--token", MARK, "--port", "1"]}},
        },
    }


def test_a_secret_s_data_is_never_shown() -> None:
    secret = {"kind": "Secret", "data": {"a": "YQ=="}, "stringData": {"b": "b"}, "type": "Opaque"}
    shown = {"kind": "Secret", "data": {"a": MARK}, "stringData": {"b": MARK}, "type": "Opaque"}
    assert Redactor().object(secret) == shown


@pytest.mark.parametrize(
    "written",
    [
        "say p@ss wörd\\1",
        "say " + base64.b64encode("p@ss wörd\\1".encode()).decode(),
        "say p%40ss%20w%C3%B6rd%5C1",
        "say " + json.dumps("p@ss wörd\\1"),
    ],
)
def test_a_value_that_is_known_is_found_in_other_writings(written: str) -> None:
    redactor = Redactor([{"env": [{"name": "PASSWORD", "value": "p@ss wörd\\1"}]}])
    assert MARK in redactor.text(written)
    assert redactor.count == 1


def test_what_a_script_and_an_address_give_away_is_found_in_the_log() -> None:
    script = 'token = "abcdef"\nurl = "postgres://me:ghijkl@db/x"\nlogin("--password mnopqr")'
    redactor = Redactor([{"spec": {"flow": {"script": script}}}])
    assert redactor.text("abcdef ghijkl mnopqr") == f"{MARK} {MARK} {MARK}"


@pytest.mark.parametrize(
    "script",
    ["password: |\n  hunter2\n", "docker login -u me -p hunter2", "mysql -phunter2 db"],
)
def test_what_a_block_and_an_option_give_away_is_found_in_the_log(script: str) -> None:
    assert Redactor([{"flow": {"script": script}}]).text("got hunter2") == f"got {MARK}"


@pytest.mark.parametrize(
    ("command", "left"),
    [
        (["docker", "login", "-u", "me", "-p", "hunter2"], ["docker", "login", "-u", "me", "-p", MARK]),
        (["sshpass", "-p", "hunter2", "ssh"], ["sshpass", "-p", MARK, "ssh"]),
        (["mkdir", "-p", "data", "--token", "abc"], ["mkdir", "-p", "data", "--token", MARK]),
        (["docker", "run", "-u", "1000", "-p", "8080:80"], ["docker", "run", "-u", "1000", "-p", "8080:80"]),
    ],
)
def test_options_of_a_command_in_words(command: list[str], left: list[str]) -> None:
    assert Redactor().object({"command": command}) == {"command": left}


def test_the_login_of_a_header_in_a_script_is_found_without_its_scheme() -> None:
    redactor = Redactor([{"spec": {"flow": {"script": 'h = {"Authorization": "Token abc:def"}'}}}])
    assert redactor.text("got abc:def") == f"got {MARK}"


def test_a_value_of_several_lines_is_found_with_a_timestamp_before_each() -> None:
    redactor = Redactor([{"env": [{"name": "DEPLOY_KEY", "value": "first-line\n  second-line\n"}]}])
    assert redactor.text("12:00 first-line\n12:01 second-line") == f"12:00 {MARK}\n12:01 {MARK}"


def test_short_values_and_words_of_yaml_are_not_looked_for_elsewhere() -> None:
    redactor = Redactor([{"env": [{"name": "A_TOKEN", "value": "1"}, {"name": "B_TOKEN", "value": "false"}]}])
    assert redactor.text("attempt 1 of 10: false") == "attempt 1 of 10: false"


@given(st.text(), st.text())
def test_nothing_that_is_known_is_left_of_any_text(secret: str, around: str) -> None:
    redactor = Redactor([{"env": [{"name": "PASSWORD", "value": f"<{secret}#777>"}]}])
    left = redactor.text(f"{around}<{secret}#777>{around}")
    assert f"<{secret}#777>" not in left.replace(around, "") or f"<{secret}#777>" in around


@pytest.mark.parametrize(
    "text",
    [
        *(
            "x",
            "a_key ",
            "token:",
            "http://",
            "--",
            '"',
            "-----BEGIN PRIVATE KEY-----",
            "password: ",
            "cookie",
        ),
        *("https://a:b@c/", "login -u a ", "token: |\n", "mysql ", "curl -u a "),
        *("https://a:", "-----END PRIVATE KEY-----", "token=a,", "'cookie:"),
    ],
)
def test_a_long_log_takes_seconds_at_most(text: str) -> None:
    log = text * (400_000 // len(text))
    begun = time.process_time()
    Redactor([{"env": [{"name": "PASSWORD", "value": "hunter2"}]}]).text(log)
    assert time.process_time() - begun < 10
