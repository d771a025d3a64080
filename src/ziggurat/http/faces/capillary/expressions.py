"""The vendor's custom expressions: letters for the conditions in their order, no precedence, strictly left to right.

They are kept with the parentheses that say so, which is what the engine's own usual precedence then reads alike.
"""

from __future__ import annotations

import re
from string import ascii_uppercase

_WORD = re.compile(
    r"\s*(?:(?P<letter>[A-Za-z])(?![A-Za-z])|(?P<word>AND|OR)(?![A-Za-z])|(?P<sign>&&|\|\||\(|\)))", re.IGNORECASE
)
_WORDS = {"&&": "AND", "||": "OR"}
DEPTH_MAX = 16


class UnreadableError(ValueError):
    """The text is no expression over the letters there are."""


def with_parentheses(text: str, conditions: int) -> str:
    """`text` with the parentheses that reading it from left to right means.

    Args:
        text: `AND`, `OR`, `&&`, `||`, parentheses and letters.
        conditions: how many there are; the first is A.

    Raises:
        UnreadableError: with what is wrong.

    >>> with_parentheses("A OR B AND C", 3)
    '(A OR B) AND C'
    >>> with_parentheses("a || (b && c || d)", 4)
    'A OR ((B AND C) OR D)'
    """
    words = _words(text, ascii_uppercase[:conditions])
    said, rest = _chain(words, 0)
    if rest:
        raise UnreadableError("closes a parenthesis that was never opened")
    missing = [letter for letter in ascii_uppercase[:conditions] if letter not in said]
    if missing:
        raise UnreadableError(f"does not use {', '.join(missing)}")
    return said


def _words(text: str, letters: str) -> list[str]:
    found: list[str] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _WORD.match(text, position)
        if match is None:
            raise UnreadableError(f"cannot be read from {text[position:].strip()[:20]!r} on")
        word = match.group().strip().upper()
        if match["letter"] and word not in letters:
            raise UnreadableError(f"names {word}, but there are {len(letters)} conditions")
        found.append(_WORDS.get(word, word))
        position = match.end()
    return found[::-1]


def _chain(words: list[str], depth: int) -> tuple[str, bool]:
    """The chain of operands up to a closing parenthesis (then True) or the end; words stand last first."""
    if depth > DEPTH_MAX:
        raise UnreadableError("nests too deep")
    said, is_chain, last = _operand(words, depth), False, ""
    while words:
        word = words.pop()
        if word == ")":
            return said, True
        if word not in ("AND", "OR"):
            raise UnreadableError(f"has {word} where AND or OR belongs")
        right = _operand(words, depth)
        said = f"({said}) {word} {right}" if is_chain and last != word else f"{said} {word} {right}"
        is_chain, last = True, word
    return said, False


def _operand(words: list[str], depth: int) -> str:
    word = words.pop() if words else ""
    if word == "(":
        said, closed = _chain(words, depth + 1)
        if not closed:
            raise UnreadableError("opens a parenthesis and never closes it")
        return f"({said})" if " " in said else said
    if len(word) != 1 or word == ")":
        raise UnreadableError(f"has {word or 'nothing'} where a letter belongs")
    return word
