"""Strangers' YAML is what JSON has, or a sentence; it costs nobody more than its length."""

import pytest
from daskflow.api.yaml_text import plain


def test_it_is_read_as_kubectl_reads_it() -> None:
    assert plain("a: {b: 1h, c: [1, 2.5, yes, null]}") == {"a": {"b": "1h", "c": [1, 2.5, True, None]}}
    assert plain("at: 2026-13-45\nfrom: 12:30") == {"at": "2026-13-45", "from": "12:30"}
    assert plain("") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "line 1: "),
        ("a: 1\na: 2", "given twice"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)), "aliases"),
        ("a: !!timestamp abc", "JSON has not"),
        ("a: !!timestamp 2026-01-01", "JSON has not"),
        ("a: !!int abc", "JSON has not"),
        ("a: !!binary aGk=", "JSON has not"),
        ("a: !!set {b}", "JSON has not"),
        ("a: .nan", "JSON has not"),
        (f"a: {'1' * 5000}", "JSON has not"),
        ("[" * 4000, "nested"),
        ("{a: " * 2000, "nested"),
        ("a: !!python/name:os.system", "could not determine a constructor"),
    ],
)
def test_what_is_no_such_text_is_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        plain(text)
    assert "\n" not in str(caught.value)
