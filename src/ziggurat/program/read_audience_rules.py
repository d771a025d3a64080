"""Audience rules from plain values, naming every fault; and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any, TypeVar

from ziggurat import limits
from ziggurat.errors import Fault
from ziggurat.program.amounts import SCALE, parse_decimal
from ziggurat.program.audience_fields import Field, FieldKind, find_field
from ziggurat.program.audience_rules import (
    NEGATIONS,
    Containing,
    InvalidAudienceError,
    OneOf,
    Operator,
    Present,
    Rule,
    RuleSet,
    Stored,
    Test,
    Value,
    Within,
)
from ziggurat.program.calendar import calendar
from ziggurat.program.open_values import NUMBER, TEXT, attribute_value, encode, encode_element

T = TypeVar("T")

_ORDERING = {
    Operator.GREATER_THAN: (False, True),
    Operator.GREATER_THAN_OR_EQUAL: (True, True),
    Operator.LESS_THAN: (False, False),
    Operator.LESS_THAN_OR_EQUAL: (True, False),
}
"""By operator: whether the value itself belongs to it, and whether it is the lower bound."""
_COUNTS = {Operator.BETWEEN: 2, Operator.EXISTS: 0, Operator.NOT_EXISTS: 0}
_LARGEST = 2**63 - 1
_NUMERIC = {FieldKind.AMOUNT: SCALE, FieldKind.RANK: 1}
_EXACT = Context(prec=2 * limits.NUMBER_CHARACTERS_MAX + 50)


def read_rules(groups: Any) -> RuleSet:
    """Rules from a list of groups, each a list of `{"field", "operator", "values"}`.

    Raises:
        InvalidAudienceError: with every fault; paths start with `rules`.
    """
    faults: list[Fault] = []
    read: list[tuple[Rule, ...]] = []
    if not isinstance(groups, list | tuple):
        raise InvalidAudienceError([Fault("rules", "must be a list of groups, each a list of rules")])
    if len(groups) > limits.AUDIENCE_GROUPS_MAX:
        faults.append(Fault("rules", f"has {len(groups)} groups; {limits.AUDIENCE_GROUPS_MAX} at most"))
    count = sum(len(group) for group in groups if isinstance(group, list | tuple))
    if count > limits.AUDIENCE_RULES_MAX:
        faults.append(Fault("rules", f"has {count} rules; {limits.AUDIENCE_RULES_MAX} at most"))
    if faults:
        raise InvalidAudienceError(faults)
    for number, group in enumerate(groups):
        path = f"rules[{number}]"
        if not isinstance(group, list | tuple) or not group:
            faults.append(Fault(path, "must be a list of at least one rule"))
            continue
        rules = [_read_rule(said, f"{path}[{place}]", faults) for place, said in enumerate(group)]
        read.append(tuple(rule for rule in rules if rule is not None))
    if faults:
        raise InvalidAudienceError(faults)
    return RuleSet(tuple(read))


def _read_rule(said: Any, path: str, faults: list[Fault]) -> Rule | None:
    if not isinstance(said, Mapping):
        faults.append(Fault(path, "must say field, operator and values"))
        return None
    before = len(faults)
    unknown = sorted(map(str, said.keys() - {"field", "operator", "values"}))
    faults.extend(Fault(f"{path}.{key}", "is not known here") for key in unknown)
    name, word, values = said.get("field"), said.get("operator"), said.get("values", [])
    field = find_field(name) if isinstance(name, str) else None
    if field is None:
        faults.append(Fault(f"{path}.field", f"{name!r} is no field", "docs/audiences.md lists them"))
    operator = Operator(word) if isinstance(word, str) and word in set(Operator) else None
    if operator is None:
        faults.append(Fault(f"{path}.operator", f"{word!r} is no operator", ", ".join(Operator)))
    if not isinstance(values, list | tuple):
        faults.append(Fault(f"{path}.values", "must be a list"))
    elif field is not None and operator is not None:
        faults.extend(_count_faults(operator, values, path))
        if len(faults) == before:
            return make_rule(field, operator, tuple(values), path, faults)
    return None


def _count_faults(operator: Operator, values: Sequence[Any], path: str) -> list[Fault]:
    if operator in (Operator.IN, Operator.NOT_IN):
        if not values:
            return [Fault(f"{path}.values", f"{operator} needs at least one value")]
        if len(values) > limits.AUDIENCE_VALUES_MAX:
            return [Fault(f"{path}.values", f"has {len(values)} values; {limits.AUDIENCE_VALUES_MAX} at most")]
        return []
    wanted = _COUNTS.get(operator, 1)
    if len(values) != wanted:
        return [Fault(f"{path}.values", f"{operator} takes {wanted} values, not {len(values)}")]
    return []


def make_rule(
    field: Field, operator: Operator, values: tuple[Value, ...], path: str, faults: list[Fault]
) -> Rule | None:
    """The rule, or None and every fault of its values in `faults`."""
    before = len(faults)
    positive = NEGATIONS.get(operator, operator)
    test: Test = Present()
    said = values
    if field.name.startswith("attributes.") and positive is not Operator.CONTAINS:
        values = tuple(attribute_value(value) if isinstance(value, str) else value for value in values)
    match positive:
        case Operator.EXISTS:
            pass
        case Operator.EQUALS | Operator.IN:
            test = _one_of(field, values, path, faults)
        case Operator.CONTAINS:
            test = _containing(field, values[0], path, faults)
        case Operator.BETWEEN:
            low = _within(field, Operator.GREATER_THAN_OR_EQUAL, values[0], f"{path}.values[0]", faults)
            high = _within(field, Operator.LESS_THAN_OR_EQUAL, values[1], f"{path}.values[1]", faults)
            if low is not None and high is not None:
                test = _both(field, low, high, values, path, faults)
        case _:
            test = _within(field, positive, values[0], f"{path}.values[0]", faults) or test
    if len(faults) > before:
        return None
    return Rule(field, operator, said, test, negated=positive is not operator)


def _both(field: Field, low: Within, high: Within, values: Sequence[Value], path: str, faults: list[Fault]) -> Within:
    if field.kind is FieldKind.OPEN and isinstance(values[0], str) is not isinstance(values[1], str):
        faults.append(Fault(f"{path}.values", "must be two numbers or two texts"))
    return Within(low.low, high.high, low.with_low, high.with_high)


def _one_of(field: Field, values: Sequence[Value], path: str, faults: list[Fault]) -> OneOf:
    wanted: set[Stored] = set()
    for place, value in enumerate(values):
        if value is not None:
            found = _attempt(lambda value=value: _exact(field, value), f"{path}.values[{place}]", faults)  # type: ignore[misc]
            if found is not None:
                wanted.add(found)
    return OneOf(frozenset(wanted), missing=None in values)


def _containing(field: Field, value: Value, path: str, faults: list[Fault]) -> Containing:
    where = f"{path}.values[0]"
    if field.kind is FieldKind.OPEN:
        if value is None:
            faults.append(Fault(where, "must not be null"))
        element = _attempt(lambda: encode_element(_scalar(value)), where, faults)
        return Containing(value if isinstance(value, str) else None, element)
    if field.kind not in (FieldKind.TEXT, FieldKind.FOLDED):
        faults.append(Fault(f"{path}.operator", f"{field.name} is no text that could contain something"))
        return Containing("")
    text = _attempt(lambda: _text(field, value), where, faults)
    return Containing(text or "")


def _within(field: Field, operator: Operator, value: Value, path: str, faults: list[Fault]) -> Within | None:
    """The values on one side of `value`."""
    inclusive, is_lower = _ORDERING[operator]
    if value is None or isinstance(value, bool):
        faults.append(Fault(path, "has no order", "compare with a number, a text or an instant"))
        return None
    if field.kind in _NUMERIC:
        return _attempt(
            lambda: _number_range(_NUMERIC[field.kind], value, inclusive=inclusive, is_lower=is_lower), path, faults
        )
    if field.kind is FieldKind.INSTANT:
        bound: Stored | None = _attempt(lambda: _instant(value), path, faults)
    elif field.kind is FieldKind.OPEN:
        bound = _attempt(lambda: encode(_scalar(value)), path, faults)
    else:
        bound = _attempt(lambda: _text(field, value), path, faults)
    if bound is None:
        return None
    found = Within(bound, None, with_low=inclusive) if is_lower else Within(None, bound, with_high=inclusive)
    if field.kind is FieldKind.OPEN:  # a number is only compared with numbers, a text with texts
        kind = TEXT if isinstance(value, str) else NUMBER
        past = chr(ord(kind) + 1)
        return Within(bound, past, inclusive, with_high=False) if is_lower else Within(kind, bound, with_high=inclusive)
    return found


def _number_range(scale: int, value: Value, *, inclusive: bool, is_lower: bool) -> Within:
    scaled = _EXACT.multiply(_number(value), Decimal(scale))
    rounded = int(scaled.to_integral_value(ROUND_CEILING if is_lower else ROUND_FLOOR))
    if not inclusive and rounded == scaled:
        rounded += 1 if is_lower else -1
    bound = max(-_LARGEST, min(_LARGEST, rounded))
    return Within(bound, None) if is_lower else Within(None, bound)


def _exact(field: Field, value: Value) -> Stored | None:
    """`value` as `field` keeps its values; None for a number that no such field can have."""
    match field.kind:
        case FieldKind.AMOUNT | FieldKind.RANK:
            scaled = _EXACT.multiply(_number(value), Decimal(_NUMERIC[field.kind]))
            whole = int(scaled.to_integral_value(ROUND_FLOOR))
            return whole if whole == scaled and abs(whole) <= _LARGEST else None
        case FieldKind.INSTANT:
            return _instant(value)
        case FieldKind.OPEN:
            return encode(_scalar(value))
        case _:
            return _text(field, value)


def _number(value: Value) -> Decimal:
    if isinstance(value, str):
        if len(value) > limits.NUMBER_CHARACTERS_MAX:
            raise ValueError("is too long for a number")
        value = parse_decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("must be a number")  # noqa: TRY004 - a fault of the rule, not of the program
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > limits.NUMBER_CHARACTERS_MAX:
        raise ValueError(f"{value} is not a number that can be compared")
    if len(number.as_tuple().digits) > limits.NUMBER_CHARACTERS_MAX:
        raise ValueError("has too many digits")
    return number


def _scalar(value: Value) -> str | bool | int | Decimal:
    if isinstance(value, str):
        return _checked(value)
    if isinstance(value, bool):
        return value
    return _number(value)


def _instant(value: Value) -> int:
    if not isinstance(value, str):
        raise ValueError("must be a date or an instant, as ISO 8601 text")  # noqa: TRY004 - a fault of the rule
    return calendar("UTC").parse(value)


def _text(field: Field, value: Value) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a text")  # noqa: TRY004 - a fault of the rule
    return _checked(value.casefold() if field.kind is FieldKind.FOLDED else value)


def _checked(text: str) -> str:
    if len(text) > limits.AUDIENCE_VALUE_CHARACTERS_MAX:
        raise ValueError(f"is longer than {limits.AUDIENCE_VALUE_CHARACTERS_MAX} characters")
    if "\0" in text or any("\ud800" <= sign < "\ue000" for sign in text):
        raise ValueError("has characters that no value can have")
    return text


def _attempt(make: Callable[[], T], path: str, faults: list[Fault]) -> T | None:
    try:
        return make()
    except ValueError as error:
        faults.append(Fault(path, str(error)))
        return None
