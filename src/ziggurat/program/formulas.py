"""Texts that a spreadsheet would take for a formula: marked when they are written, unmarked when they come back."""

from __future__ import annotations

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula begins with, the wide signs of East Asian keyboards included."""


def defused(text: str) -> str:
    """`text` with an apostrophe before it where a spreadsheet would run it.

    >>> defused("=1+1"), defused("Ann"), defused("'=1")
    ("'=1+1", 'Ann', "''=1")
    """
    return f"'{text}" if text.lstrip("' ").startswith(_STARTS) else text


def undefused(text: str) -> str:
    """What was `defused` to `text`.

    >>> undefused("'+33 1"), undefused("'tis"), undefused("''=1")
    ('+33 1', "'tis", "'=1")
    """
    return text[1:] if text.startswith("'") and text.lstrip("' ").startswith(_STARTS) else text
