"""YAML or JSON text as plain values, exactly as written: numbers never pass through a float.

YAML is read in the 1.2 sense (`on`, `no` and dates are text) and JSON as JSON. Values are dict, list, str, int,
Decimal, bool and None; keys are always text, and a key written twice is a fault. An alias counts as often as it is
used, so a short text cannot stand for an enormous document.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ziggurat import limits
from ziggurat.errors import Fault
from ziggurat.program.paths import child_path

_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_TEXT_TAGS = ("!", "tag:yaml.org,2002:str")
_PLAIN_TAGS = (None, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


class UnreadableTextError(Exception):
    """The text is not one document; `faults` say why."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(map(str, faults)))


@dataclass(frozen=True, slots=True)
class Document:
    """The plain value of a text, and the line (from 1) of each path in it as far as known."""

    value: Any
    lines: Mapping[str, int] = field(default_factory=dict)


def parse_text(text: str) -> Document:
    """The one document that `text` holds.

    >>> parse_text("{from: 0.10, on: 2025-02-01}").value
    {'from': Decimal('0.10'), 'on': '2025-02-01'}

    Raises:
        UnreadableTextError: neither YAML nor JSON, not one document, too large, or with a key written twice.
    """
    if len(text) > limits.DOCUMENT_BYTES_MAX or len(text.encode(errors="replace")) > limits.DOCUMENT_BYTES_MAX:
        raise UnreadableTextError(Fault("", f"is larger than {limits.DOCUMENT_BYTES_MAX:,} bytes", "shorten it"))
    text = text.removeprefix("\ufeff")
    if text.lstrip()[:1] in ("{", "["):
        try:
            return _parse_json(text)
        except json.JSONDecodeError:
            pass  # flow YAML starts in the same way
    return _Builder().build(text)


# --- JSON


def _parse_json(text: str) -> Document:
    twice: list[str] = []

    def keyed(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            twice.extend(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        return value

    try:
        value = json.loads(
            text, parse_int=_integer, parse_float=_decimal, parse_constant=Decimal, object_pairs_hook=keyed
        )
    except RecursionError:
        raise UnreadableTextError(_too_deep(None)) from None
    if twice:
        _Builder().build(text)  # names the path and line of each, and raises
    return Document(value, _Lines(text))


class _Lines(Mapping[str, int]):
    """The lines of a JSON text, worked out when first asked for: only a fault asks."""

    def __init__(self, text: str) -> None:
        self._text: str | None = text
        self._known: Mapping[str, int] = {}

    def _all(self) -> Mapping[str, int]:
        if self._text is not None:
            try:
                self._known = _Builder().build(self._text).lines
            except UnreadableTextError:
                self._known = {}  # JSON that YAML cannot read, such as one indented by tabs
            self._text = None
        return self._known

    def __getitem__(self, path: str) -> int:
        return self._all()[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


# --- YAML


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been read."""

    value: dict[str, Any] | list[Any]
    path: str
    anchor: str | None
    nodes_before: int
    key: str | None = None


class _Builder:
    """Builds the value from parser events, without recursion and without resolving anything but plain scalars."""

    def __init__(self) -> None:
        self.open: list[_Open] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.lines: dict[str, int] = {}
        self.faults: list[Fault] = []
        self.nodes = 0
        self.documents = 0
        self.root: Any = None

    def build(self, text: str) -> Document:
        line = 1
        try:
            for event in YAML(typ="safe", pure=True).parse(text):
                line = event.start_mark.line + 1
                self._take(event, line)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            problem = " ".join(part for part in (error.context, error.problem) if part)
            raise UnreadableTextError(_malformed(problem, mark.line + 1 if mark else line)) from None
        except YAMLError as error:
            raise UnreadableTextError(_malformed(str(error).partition("\n")[0], line)) from None
        except (RecursionError, ValueError) as error:
            raise UnreadableTextError(_malformed(str(error), line)) from None
        if self.documents != 1 or (self.root is None and self.nodes <= 1):
            problem = "holds more than one document" if self.documents > 1 else "is empty"
            raise UnreadableTextError(Fault("", problem, "write one program as one mapping"))
        if self.faults:
            raise UnreadableTextError(*self.faults)
        return Document(self.root, self.lines)

    def _take(self, event: Event, line: int) -> None:
        match event:
            case DocumentStartEvent():
                self.documents += 1
            case MappingStartEvent() | SequenceStartEvent():
                self._start(event, line)
            case MappingEndEvent() | SequenceEndEvent():
                ended = self.open.pop()
                if ended.anchor:
                    self.anchors[ended.anchor] = (ended.value, self.nodes - ended.nodes_before)
            case ScalarEvent():
                self._scalar(event, line)
            case AliasEvent():
                self._alias(event, line)

    def _start(self, event: MappingStartEvent | SequenceStartEvent, line: int) -> None:
        if len(self.open) >= limits.DOCUMENT_DEPTH_MAX:
            raise UnreadableTextError(_too_deep(line))
        if event.tag not in _PLAIN_TAGS:
            self._fault(f"has the tag {event.tag}", "write it without a tag", line)
        value: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
        before = self.nodes
        path = self._place(value, line)
        self.open.append(_Open(value, path, event.anchor, before))

    def _scalar(self, event: ScalarEvent, line: int) -> None:
        if self.open and isinstance(self.open[-1].value, dict) and self.open[-1].key is None:
            self._key(str(event.value), line)
            return
        value = event.value
        if event.tag is None:
            value = _plain(value) if event.implicit[0] else value
        elif event.tag not in _TEXT_TAGS:
            self._fault(f"has the tag {event.tag}", "write it without a tag", line)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        self._place(value, line)

    def _key(self, key: str, line: int) -> None:
        parent = self.open[-1]
        path = child_path(parent.path, key)
        if key in parent.value:
            first = f"first in line {self.lines[path]}" if path in self.lines else "it is there already"
            self.faults.append(Fault(path, "is written twice", f"keep one of the two; {first}", line))
        self._count(1, line)
        parent.key = key
        self.lines[path] = line

    def _alias(self, event: AliasEvent, line: int) -> None:
        if event.anchor not in self.anchors:
            raise UnreadableTextError(_malformed(f"*{event.anchor} stands for nothing that ends before it", line))
        value, nodes = self.anchors[event.anchor]
        if self.open and isinstance(self.open[-1].value, dict) and self.open[-1].key is None:
            raise UnreadableTextError(_malformed("a key is always text", line))
        self._count(nodes, line)
        self._place(value, line)

    def _place(self, value: Any, line: int) -> str:
        """Put `value` where the text has it; its path."""
        self._count(1, line)
        if not self.open:
            self.root = value
            return ""
        parent = self.open[-1]
        if isinstance(parent.value, list):
            path = child_path(parent.path, len(parent.value))
            parent.value.append(value)
            self.lines[path] = line
            return path
        if parent.key is None:
            raise UnreadableTextError(_malformed("a key is always text", line))
        path = child_path(parent.path, parent.key)
        parent.value[parent.key] = value
        parent.key = None
        return path

    def _count(self, nodes: int, line: int) -> None:
        self.nodes += nodes
        if self.nodes > limits.DOCUMENT_NODES_MAX:
            problem = f"holds more than {limits.DOCUMENT_NODES_MAX:,} values"
            raise UnreadableTextError(Fault("", problem, "shorten it; an alias counts as often as it is used", line))

    def _fault(self, problem: str, remedy: str, line: int) -> None:
        parent = self.open[-1] if self.open else None
        path = child_path(parent.path, parent.key) if parent and parent.key is not None else ""
        self.faults.append(Fault(path, problem, remedy, line))


def _plain(text: str) -> Any:
    """What an unquoted scalar means in YAML 1.2; dates stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _DECIMAL.fullmatch(text):
        return _decimal(text)
    if _NOT_FINITE.fullmatch(text):
        return Decimal(text.replace(".", ""))
    return text


def _integer(text: str) -> int | Decimal:
    # Python refuses to make an int of thousands of digits; as a Decimal the reader says that it is too large.
    return int(text) if len(text) <= limits.NUMBER_CHARACTERS_MAX else Decimal("Infinity")


def _decimal(text: str) -> Decimal:
    if len(text) > limits.NUMBER_CHARACTERS_MAX:
        raise UnreadableTextError(Fault("", f"has a number of {len(text)} characters", "shorten the number"))
    return Decimal(text)


def _malformed(problem: str, line: int) -> Fault:
    return Fault("", f"is neither YAML nor JSON: {problem}", "check indentation, quotes and brackets there", line)


def _too_deep(line: int | None) -> Fault:
    return Fault("", f"is nested more than {limits.DOCUMENT_DEPTH_MAX} levels deep", "flatten it", line)
