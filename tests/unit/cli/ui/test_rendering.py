"""What templates call."""

from daskflow.cli.ui.rendering import ago, line, lines, took


def test_strangers_text_stays_text() -> None:
    assert line("a\nb\x1b[31m \u202eback") == "a; b\\x1b[31m �back"
    assert lines("a\n b\u2066") == "a\n b�"
    assert "<img" not in ago('<img src="x">')
    assert took("2026-01-01T00:00:00Z", "nonsense") == ""
