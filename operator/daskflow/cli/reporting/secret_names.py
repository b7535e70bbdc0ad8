"""What looks like a secret: by the name of a setting, or by its own shape."""

import re

_WORDS = (
    r"passw(?:or)?d|passphrase|pwd|secret|token|credential|authorization|bearer|cookie|"
    r"(?:api|access|private|account|signing|encryption|client|ssh)[_-]?key|"
    r"connection[_-]?string|signature|(?<![a-z])(?:sig|pat|auth|pass|dsn)(?![a-z])"
)
_NAME = re.compile(rf"{_WORDS}|[_-]key$|^key$", re.I)
_FIELDS = frozenset(
    (
        *("secretName", "secretRef", "secretKeyRef", "imagePullSecrets", "nodePublishSecretRef"),
        *("key", "keys", "secret", "secrets", "topologyKey"),
        *("serviceAccountToken", "automountServiceAccountToken", "tokenRequests"),
    )
)
"""Of Kubernetes and of ours: they name a secret, and hold none."""
USERS_OWN = frozenset(("parameters", "config", "args", "env", "annotations", "result"))
"""Fields below which names are a user's own: there a `secret` is one."""
REFERENCES = frozenset(("valueFrom", "envFrom"))
"""Fields below which, for once, they are not."""

SHAPES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?s)-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY[A-Z ]*-----"
        r".*?(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY[A-Z ]*-----|\Z)",
        r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})",
        r"\bglpat-[A-Za-z0-9_-]{16,}",
        r"\bxox[abeprs]-[A-Za-z0-9-]{10,}",
        r"\bAIza[A-Za-z0-9_-]{30,}",
        r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}",
        r"\b(?:sk|hf|npm|pypi|dapi|dckr_pat)[-_][A-Za-z0-9_-]{20,}",
        r"\bhttps://hooks\.slack\.com/services/\S+",
    )
)
"""Keys and tokens that tell what they are."""

_QUOTED = r"""\\"[^"\\\n]*\\"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
IN_TEXT = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        # Who logs in, before the host: user and password, or a token alone.
        r"(?P<before>\b[a-z][a-z0-9+.-]{0,20}://)(?P<secret>[^\s/?#\"'<>]{1,500})(?=@)",
        r"(?P<before>\b(?:Bearer|Basic|Digest)[ \t]+)(?P<secret>[A-Za-z0-9._~+/=-]{8,})",
        rf"(?P<before>(?<![\w-])--[\w-]{{0,40}}(?:{_WORDS})[\w-]{{0,40}}[ \t]+)"
        rf"(?P<secret>{_QUOTED}|[^\s\"'()-][^\s\"'()]*)",
        # name=value, name: value, "name": "value": of a text, a script, a query.
        rf"(?P<before>(?:{_WORDS}|[_-]key\b)[\w.-]{{0,40}}(?:\\?[\"'])?\]?[ \t]*(?:=>|[=:])[ \t]*"
        r"(?:(?:str|bytes|SecretStr)(?:[ \t]*\|[ \t]*None)?[ \t]*=[ \t]*)?)"
        rf"(?P<secret>{_QUOTED}|[^\s,;&\"']+)",
    )
)
"""Where a text has one: what stands before it stays."""


def secret_name(name: str) -> bool:
    """Whether a setting of this name, as a user may call one, is a secret."""
    return bool(_NAME.search(name))


def secret_field(name: str) -> bool:
    """The same of a field of an object, where Kubernetes has words of its own."""
    return name not in _FIELDS and secret_name(name)
