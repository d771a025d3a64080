"""What is wrong with a request, in the form of the vendor's validation library: every issue, with its path.

    {"kind", "type", "expected", "received", "message", "path": [{"type", "origin", "input", "key", "value"}]}

A path goes from the root to the leaf. Each step shows the container that it goes through; large requests show what fits
into a bounded answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from ziggurat import limits
from ziggurat.http.json_text import render

Loc: TypeAlias = tuple[str | int, ...]
"""Where in a body: keys and indexes."""

SHOWN_BYTES_MAX = 100_000
"""How much of the request one answer shows in all."""
_RECEIVED_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong. `origin` is `key` where a key is missing, else `value`."""

    loc: Loc
    type: str
    expected: str
    received: str
    message: str
    kind: str = "schema"
    origin: str = "value"


class InvalidInputError(Exception):
    """A request with issues. `body` is what they are about."""

    def __init__(self, issues: Sequence[Issue], body: Any) -> None:
        self.issues = tuple(issues)
        self.body = body
        super().__init__("; ".join(issue.message for issue in issues))

    def on_the_wire(self) -> dict[str, Any]:
        """The answer's body."""
        left = SHOWN_BYTES_MAX
        told = []
        for issue in self.issues[: limits.FAULTS_SHOWN_MAX]:
            path = issue_path(issue, self.body)
            size = len(render(path))
            if size > left:
                path = [{**step, "input": None, "value": None} for step in path]
            else:
                left -= size
            told.append(
                {
                    "kind": issue.kind,
                    "type": issue.type,
                    "expected": issue.expected,
                    "received": issue.received,
                    "message": issue.message,
                    "path": path,
                }
            )
        return {"error": "validation_error", "issues": told}


def wrong_type(loc: Loc, type_: str, expected: str, value: Any) -> Issue:
    """A value of another type than it ought to have."""
    received = stringify(value)
    return Issue(loc, type_, expected, received, f"Invalid type: Expected {expected} but received {received}")


def missing_key(loc: Loc) -> Issue:
    """A key that must be there."""
    expected = f'"{loc[-1]}"'
    message = f"Invalid key: Expected {expected} but received undefined"
    return Issue(loc, "object", expected, "undefined", message, origin="key")


def failed_check(loc: Loc, expected: str, value: Any, message: str, type_: str = "check") -> Issue:
    """A value of the right type that cannot be all the same."""
    return Issue(loc, type_, expected, stringify(value), message, kind="validation")


def issue_path(issue: Issue, body: Any) -> list[dict[str, Any]]:
    """The steps to an issue, root first; keys are texts, indexes too, as the reference page has them."""
    steps: list[dict[str, Any]] = []
    container = body
    for place, key in enumerate(issue.loc):
        value = _inside(container, key)
        is_last = place == len(issue.loc) - 1
        steps.append(
            {
                "type": "array" if isinstance(container, list) else "object",
                "origin": issue.origin if is_last else "value",
                "input": container,
                "key": str(key),
                "value": value,
            }
        )
        container = value
    return steps


def _inside(container: Any, key: str | int) -> Any:
    if isinstance(container, dict):
        return container.get(key)
    if isinstance(container, list) and isinstance(key, int) and key < len(container):
        return container[key]
    return None


def stringify(value: Any) -> str:
    """A value as the vendor's library words it.

    >>> stringify("a"), stringify(None), stringify([1]), stringify(True), stringify(Decimal("1.50"))
    ('"a"', 'null', 'Array', 'true', '1.5')
    """
    if isinstance(value, str):
        return f'"{value[:_RECEIVED_CHARACTERS_MAX]}"'
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, int | float):
        return str(value)
    return "Array" if isinstance(value, list) else "Object"
