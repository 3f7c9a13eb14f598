"""Transcripts that are played: typed as they say, compared byte for byte.

In a transcript {text} is typed, and echoed, with Enter; {-text} is typed and
not echoed; {^Z} is that key. Everything else must come as it stands, each
line's end as CR LF, but for the fields named here.
"""
import re

FIELDS = {
    # Another mark, or none, where the machine's clock is synchronised.
    "*<clock>": r"[*.]?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\.\d{3}",
    "<date>": r"\d\d:\d\d:\d\d UTC [A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d{4}",
    "<bytes>": r"\d+",
    "<idle>": r"00:00:0\d",
    "<port>": r"\d+",
}


def _pattern(text):
    parts = re.split("(" + "|".join(map(re.escape, FIELDS)) + ")", text.replace("\n", "\r\n"))
    return "".join(FIELDS.get(part, re.escape(part)) for part in parts)


def _keys(typed):
    """What is sent, and what of it is seen."""
    if re.fullmatch(r"\^[A-Z]", typed):
        return chr(ord(typed[1]) - 64), typed
    if typed.startswith("-"):
        return typed[1:] + "\r", ""
    return typed + "\r", typed


def play(terminal, transcript, seconds=60):
    """Play it to its end on a console.Terminal that shows its beginning."""
    seen = ""
    for i, part in enumerate(re.split(r"\{([^}]*)\}", transcript)):
        if i % 2 == 0:
            terminal.expect(r"\A" + _pattern(seen + part) + r"\Z", seconds)
            continue
        sent, seen = _keys(part)
        terminal.type(sent)
