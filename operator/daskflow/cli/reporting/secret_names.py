"""What looks like a secret: by the name of a setting, or by its own shape."""

import re
from collections.abc import Sequence

_PASS = r"(?<!com)(?<!by)(?<!sur)(?<!tres)pass(?![a-z])"
"""dbpass and userPass, but no compass."""
_WORDS = (
    r"passw(?:or)?d|passphrase|pwd|secret|token|credential|authorization|bearer|cookie|"
    r"(?:api|access|private|account|signing|encryption|client|ssh)[_-]?key|"
    r"connection[_-]?string|signature|(?<![a-z])(?:sig|pat|auth|dsn|(?:db|pg|my|root|admin|user)?pw)(?![a-z])|"
    + _PASS
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
        # One whose begin was cut off; those that are whole have gone above.
        r"(?s)\A.{0,32768}?-----END (?:[A-Z0-9]+ )*PRIVATE KEY[A-Z ]*-----",
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
_IS = r"(?:\\?[\"'])?\]?[ \t]*(?:=>|[=:])"
_TYPED = r"(?:(?:str|bytes|SecretStr)(?:[ \t]*\|[ \t]*None)?[ \t]*=[ \t]*)?(?:[bru]{1,2}(?=[\"']))?"
_OTHER = r"[\"']?[a-z_][\w.-]{0,40}[\"']?[ \t]*[=:]"
"""The next name, up to which a value may have gone."""
_STAMP = r"(?:\d{4}-\d\d-\d\dT[\d:.]{8,20}Z[ ])?"
"""Before each line of a log."""
_DEEPER = r"(?P=indent)(?(item)[ \t]{3,}|[ \t]+)"
_BLOCK = r"[|>][-+1-9]{0,2}"
_ON = r"(?=[ \t])[^\n;|&]{0,200}?"
"""Further on in a command."""
_LOGS_IN = rf"(?:\bsshpass|\blogin{_ON}|(?<!\S)(?:-u|--user(?:name)?)(?:[ \t]+|=)\S{{1,200}}(?:{_ON})?)"
"""A command that takes a password by -p, up to there."""
_WORD = r"[^\s\"'()-][^\s\"'()]*"
_PORT = r"\d{1,5}(?::\d{1,5})?(?:/\w+)?(?!\S)"
IN_TEXT = tuple(
    re.compile(pattern, re.I | re.M)
    for pattern in (
        # Who logs in, before the host: user and password, or a token alone; a password may have slashes and
        # at-signs, and a number before a slash is a port.
        r"(?P<before>\b[a-z][a-z0-9+.-]{0,20}://)(?P<secret>"
        r"[^\s/?#@:\"'<>]{0,100}:(?!\d{1,5}[/?#])(?:(?!://)[^\s\"'<>]){1,500}|[^\s/?#\"'<>]{1,500})(?=@)",
        # The lines of a block in YAML, which are deeper than its name.
        rf"(?P<before>(?P<sure>)^{_STAMP}(?P<indent>[ \t]*)(?P<item>-[ ])?[\"']?[\w./-]{{0,40}}"
        rf"(?:{_WORDS}|[_-]key\b)[\w.-]{{0,40}}[\"']?[ \t]*:[ \t]+{_BLOCK}[ \t]*\n{_STAMP}{_DEEPER})"
        rf"(?P<secret>\S[^\n]*(?:\n(?:{_STAMP}[ \t]*\n){{0,20}}{_STAMP}{_DEEPER}\S[^\n]*)*)",
        # What programs take by -p, or after a user's name.
        rf"(?P<before>(?P<sure>){_LOGS_IN}[ \t]-p(?:[ \t]+|=))(?P<secret>(?!{_PORT})(?:{_QUOTED}|{_WORD}))",
        rf"(?P<before>(?P<sure>)\b(?:mysql|mariadb)[\w-]*{_ON}[ \t]-p)"
        rf"(?P<secret>(?!{_PORT})(?:{_QUOTED}|(?!=){_WORD}))",
        rf"(?P<before>(?P<sure>)\bcurl{_ON}[ \t](?:-u|--user)(?:[ \t]+|=)[\"']?[^\s:\"']+:)"
        r"(?P<secret>[^\s\"']+)",
        # Headers: all that follows, as schemes have many forms and cookies many pairs.
        rf"(?P<before>(?P<open>[\"'])?(?:proxy-|set-)?(?:authorization|cookies?){_IS}[ \t]*{_TYPED})"
        rf"(?P<secret>{_QUOTED}|(?(open)(?:\\.|(?!(?P=open))[^\n])+|[^\n]+))",
        r"(?P<before>\b(?:Bearer|Basic|Digest|ApiKey|Negotiate|NTLM)[ \t]+)"
        r"(?P<secret>[A-Za-z0-9._~+/=-]{8,})",
        r"(?P<before>\bToken[ \t]+)(?P<secret>(?=[a-z]*\d)[A-Za-z0-9._~+/=-]{16,})",
        rf"(?P<before>(?P<sure>)(?<![\w-])--[\w-]{{0,40}}(?:{_WORDS})[\w-]{{0,40}}[ \t]+)"
        rf"(?P<secret>{_QUOTED}|{_WORD})",
        # password: some words
        rf"(?P<before>(?:passw(?:or)?d|passphrase|pwd|(?<=[a-z_-]){_PASS})[\w.-]{{0,40}}{_IS}[ \t]+{_TYPED})"
        rf"(?P<secret>{_QUOTED}|(?:(?![,;&][ \t]*{_OTHER})(?:[^\n\"']|(?<=\w)[\"'](?=\w)))+)",
        # name=value, name: value, "name": "value": of a text, a script, a query.
        rf"(?P<before>(?:{_WORDS}|[_-]key\b)[\w.-]{{0,40}}{_IS}[ \t]*{_TYPED})"
        rf"(?P<secret>{_QUOTED}|\([^()\n]+\)|[^\s,;&\"']+(?:[,;&](?![\s,;&\"']|\Z|{_OTHER})[^\s,;&\"']+)*)",
    )
)
"""Where a text has one: what stands before it stays. With `sure` it is one wherever it comes up again."""


_LOGGING_IN = re.compile(rf"{_LOGS_IN}[ \t]-p[ \t]+(?!{_PORT})\S", re.I)


def secret_option(before: Sequence[str], value: str) -> bool:
    """Whether what follows these words of a command is a secret, as the last of them says."""
    option = before[-1]
    if not option.startswith("-") or "=" in option or value.startswith("-"):
        return False
    words = " ".join(before[-10:])
    return secret_name(option) or (option == "-p" and bool(_LOGGING_IN.search(f"{words} {value}")))


def secret_name(name: str) -> bool:
    """Whether a setting of this name, as a user may call one, is a secret."""
    return bool(_NAME.search(name))


def secret_field(name: str) -> bool:
    """The same of a field of an object, where Kubernetes has words of its own."""
    return name not in _FIELDS and secret_name(name)
