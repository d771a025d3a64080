"""The little language of requirements: `A and (B or not C)`.

`not` binds tightest, then `and`, then `or`; words in any case, `&&`, `||` and `!` mean the same. A name is letters,
digits and underscores, with dots and hyphens inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ziggurat import limits
from ziggurat.program.model import AtLeast, Condition, Expression, Not, Requirement
from ziggurat.program.near_words import did_you_mean

_TOKEN = re.compile(r"\s*(?:(?P<name>\w+(?:[.-]\w+)*)|(?P<sign>&&|\|\||!|\(|\)))")
_NAME = re.compile(r"\w+(?:[.-]\w+)*")
_WORDS = {"and": "and", "or": "or", "not": "not", "&&": "and", "||": "or", "!": "not", "(": "(", ")": ")"}
_BINDS = {"or": 1, "and": 2, "not": 3}


class UnreadableExpressionError(ValueError):
    """The text is not an expression over the names given: the problem, and what to do about it."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(problem)


@dataclass(slots=True)
class _Operand:
    """A tree, and the operator at its top if it was written without parentheses of its own."""

    tree: Requirement
    chain: str = ""


def is_name(text: str) -> bool:
    """Whether `text` can stand in an expression."""
    return len(text) <= limits.NAME_CHARACTERS_MAX and _NAME.fullmatch(text) is not None and text.lower() not in _WORDS


def depth(requirement: Requirement) -> int:
    """How many levels `requirement` has; a condition is one."""
    match requirement:
        case Condition():
            return 1
        case AtLeast(of=parts):
            return 1 + max(map(depth, parts))
        case Not(of=part):
            return 1 + depth(part)
        case Expression(tree=tree):
            return depth(tree)


def conditions(requirement: Requirement) -> Iterator[Condition]:
    """The conditions that `requirement` stands on, as often as it tests them."""
    match requirement:
        case Condition():
            yield requirement
        case AtLeast(of=parts):
            for part in parts:
                yield from conditions(part)
        case Not(of=part):
            yield from conditions(part)
        case Expression(tree=tree):
            yield from conditions(tree)


def names_in(text: str) -> set[str]:
    """The names that `text` uses, whether or not it parses."""
    words = (match["name"] for match in _TOKEN.finditer(text) if match["name"])
    return {word for word in words if word.lower() not in _WORDS}


def parse_expression(text: str, where: Mapping[str, Requirement]) -> Requirement:
    """The requirement that `text` means with the names of `where`.

    Raises:
        UnreadableExpressionError: `text` does not parse, uses a name that is not in `where`, or nests deeper than
            `limits.REQUIREMENT_DEPTH_MAX`.
    """
    return _Parser(where).parse(text)


class _Parser:
    """Operators wait on a stack until what they bind is complete: no recursion, however many the parentheses."""

    def __init__(self, where: Mapping[str, Requirement]) -> None:
        self.where = where
        self.operands: list[_Operand] = []
        self.waiting: list[tuple[str, int]] = []

    def parse(self, text: str) -> Requirement:
        operand_next = True
        for token, at in _tokens(text):
            kind = _WORDS.get(token.lower(), "name")
            opens = kind in ("name", "not", "(")
            if opens != operand_next:
                wanted = "a name or an opening parenthesis" if operand_next else "and, or, or the end"
                raise UnreadableExpressionError(f"has {token!r} at character {at} where {wanted} belongs")
            operand_next = kind in ("not", "(", "and", "or")
            self._take(kind, token, at)
        if operand_next:
            raise UnreadableExpressionError("ends too early" if text.strip() else "is empty", "name what must hold")
        while self.waiting:
            kind, at = self.waiting[-1]
            if kind == "(":
                raise UnreadableExpressionError(f"opens a parenthesis at character {at} and never closes it")
            self._apply()
        return self.operands[0].tree

    def _take(self, kind: str, token: str, at: int) -> None:
        if kind == "name":
            if token not in self.where:
                remedy = did_you_mean(token, self.where) if self.where else ""
                raise UnreadableExpressionError(f'names "{token}", which is not in `where`', remedy)
            self.operands.append(_Operand(self.where[token]))
        elif kind in ("not", "("):
            self.waiting.append((kind, at))
        elif kind == ")":
            while self.waiting and self.waiting[-1][0] != "(":
                self._apply()
            if not self.waiting:
                raise UnreadableExpressionError(f"closes a parenthesis at character {at} that was never opened")
            self.waiting.pop()
            self.operands[-1].chain = ""
        else:
            while self.waiting and _BINDS.get(self.waiting[-1][0], 0) >= _BINDS[kind]:
                self._apply()
            self.waiting.append((kind, at))

    def _apply(self) -> None:
        operator, _ = self.waiting.pop()
        right = self.operands.pop()
        if operator == "not":
            made = _Operand(Not(right.tree))
        else:
            left = self.operands.pop()
            parts = left.tree.of if left.chain == operator and isinstance(left.tree, AtLeast) else (left.tree,)
            parts = (*parts, right.tree)
            made = _Operand(AtLeast(len(parts) if operator == "and" else 1, parts), operator)
        if depth(made.tree) > limits.REQUIREMENT_DEPTH_MAX:
            problem = f"nests more than {limits.REQUIREMENT_DEPTH_MAX} levels deep"
            raise UnreadableExpressionError(problem, "flatten it")
        self.operands.append(made)


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """The tokens of `text` and the character, from 1, at which each starts."""
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if not match:
            rest = text[position:].lstrip()
            at = len(text) - len(rest) + 1
            raise UnreadableExpressionError(
                f"has {rest[0]!r} at character {at}", "use names, and, or, not, and parentheses"
            )
        group = match.lastgroup or "name"
        yield match[group], match.start(group) + 1
        position = match.end()
