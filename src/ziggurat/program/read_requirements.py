"""Requirements of a program document: conditions, all, any N, not, expressions."""

from __future__ import annotations

from decimal import Decimal

from ziggurat import limits
from ziggurat.program.expressions import (
    UnreadableExpressionError,
    conditions,
    depth,
    is_name,
    names_in,
    parse_expression,
)
from ziggurat.program.model import AtLeast, Condition, Expression, Lifetime, Not, Qualification, Requirement
from ziggurat.program.place import Place
from ziggurat.program.read_windows import check_window, read_measure, read_window

_LEAF_KEYS = ("measure", "window", "from", "below")
_FORMS = {"all": ("all",), "any": ("any", "of"), "not": ("not",), "expression": ("expression", "where")}
_EXAMPLES = "{measure, window, from, below}, {all: [...]}, {any: n, of: [...]}, {not: ...} or {expression, where}"


def read_requirement(place: Place, own: Qualification | None, level: int = 1) -> Requirement | None:
    """The requirement at `place`; `own` is the qualification that a condition without words of its own uses.

    It has at most `limits.CONDITIONS_MAX` conditions and `limits.REQUIREMENT_DEPTH_MAX` levels.
    """
    if level > limits.REQUIREMENT_DEPTH_MAX:
        place.fault(f"nests more than {limits.REQUIREMENT_DEPTH_MAX} levels deep", "flatten it")
        return None
    said = place.value if place.is_mapping else ()
    form = next((form for form, keys in _FORMS.items() if any(key in said for key in keys)), None)
    if not place.mapping(_FORMS[form] if form else _LEAF_KEYS, "a requirement"):
        return None
    requirement = _read_combination(place, form, own, level) if form else _read_condition(place, own)
    return requirement if requirement and _is_bounded(place, requirement) else None


def _is_bounded(place: Place, requirement: Requirement) -> bool:
    # Parts are bounded before wholes, so counting here stays quick however often an expression repeats a name.
    count = sum(1 for _ in conditions(requirement))
    if count > limits.CONDITIONS_MAX:
        place.fault(f"tests {count:,} conditions", f"{limits.CONDITIONS_MAX} are allowed")
        return False
    if depth(requirement) > limits.REQUIREMENT_DEPTH_MAX:
        place.fault(f"nests more than {limits.REQUIREMENT_DEPTH_MAX} levels deep", "flatten it")
        return False
    return True


def read_bounds(place: Place) -> tuple[Decimal | None, Decimal | None]:
    """The bounds `from` and `below` of the mapping at `place`."""
    start_place, below_place = place.get("from"), place.get("below")
    start = start_place.decimal() if start_place else None
    below = below_place.decimal() if below_place else None
    if below_place and start is not None and below is not None and below <= start:
        below_place.fault(f"must be more than from, {start:f}, not {below:f}", "raise it, or leave one of the two out")
    return start, below


def _read_combination(place: Place, form: str, own: Qualification | None, level: int) -> Requirement | None:
    match form:
        case "all":
            listed = place.get("all")
            parts = _read_parts(listed, own, level) if listed else None
            return AtLeast(len(parts), parts) if parts else None
        case "any":
            return _read_any(place, own, level)
        case "not":
            inner = place.get("not")
            part = read_requirement(inner, own, level + 1) if inner else None
            return Not(part) if part else None
        case _:
            return _read_expression(place, own, level)


def _read_parts(place: Place, own: Qualification | None, level: int) -> tuple[Requirement, ...] | None:
    """The listed requirements, or None if any of them has a fault."""
    parts = [read_requirement(item, own, level + 1) for item in place.items(limits.CONDITIONS_MAX, "requirements")]
    good = tuple(part for part in parts if part is not None)
    return good if len(good) == len(parts) else None


def _read_any(place: Place, own: Qualification | None, level: int) -> Requirement | None:
    number = place.need("any", "say how many of them must hold: {any: 1, of: [...]}")
    listed = place.need("of", "list the requirements: {any: 1, of: [...]}")
    if number and isinstance(number.value, list | tuple):
        number.fault("must be a whole number, not a list", "write {any: 1, of: [...]}")
        number = None
    most = len(listed.value) if listed and isinstance(listed.value, list | tuple) else limits.CONDITIONS_MAX
    count = number.integer(1, max(most, 1), "how many of them must hold") if number else None
    parts = _read_parts(listed, own, level) if listed else None
    return AtLeast(count, parts) if count and parts else None


def _read_expression(place: Place, own: Qualification | None, level: int) -> Requirement | None:
    example = 'write {expression: "A and B", where: {A: {...}, B: {...}}}'
    text_place, where_place = place.need("expression", example), place.need("where", example)
    where = _read_where(where_place, own, level) if where_place else None
    text = text_place.text(limits.EXPRESSION_CHARACTERS_MAX, lines=True) if text_place else None
    if text is None or text_place is None or where_place is None:
        return None
    used = names_in(text)
    if where_place.is_mapping and used <= where_place.value.keys():  # else an unused name is likely a misspelled one
        for name in where_place.value:
            if isinstance(name, str) and is_name(name) and name not in used:
                where_place.at(name).fault("is not used in the expression", "use it or take it out")
    if where is None:
        return None
    try:
        tree = parse_expression(text, dict(where))
    except UnreadableExpressionError as error:
        text_place.fault(error.problem, error.remedy)
        return None
    return Expression(text, where, tree)


def _read_where(place: Place, own: Qualification | None, level: int) -> tuple[tuple[str, Requirement], ...] | None:
    """The named requirements, or None if any has a fault."""
    if not place.is_mapping:
        place.mapping((), "a mapping of names to requirements")
        return None
    if not 1 <= len(place.value) <= limits.CONDITIONS_MAX:
        place.fault(f"has {len(place.value):,} names", f"1 to {limits.CONDITIONS_MAX} are allowed")
        return None
    where: list[tuple[str, Requirement]] = []
    for name in place.value:
        if not isinstance(name, str) or not is_name(name):
            shown_name = name if isinstance(name, str) else repr(name)
            place.faults.note(
                place.at(str(name)).path if isinstance(name, str) else place.path,
                f"is not a name: {shown_name[:60]}" if isinstance(name, str) else f"has the key {shown_name[:60]}",
                "a name is letters, digits and underscores, and not and, or, not",
            )
            continue
        requirement = read_requirement(inner, own, level + 1) if (inner := place.get(name)) else None
        if requirement is not None:
            where.append((name, requirement))
    return tuple(where) if len(where) == len(place.value) else None


def _read_condition(place: Place, own: Qualification | None) -> Condition | None:
    if "from" not in place.value and "below" not in place.value:
        remedy = "say from or below" if place.value else f"write {_EXAMPLES}"
        place.fault("bounds nothing", remedy)
    measure_place, window_place = place.get("measure"), place.get("window")
    measure = read_measure(measure_place) if measure_place else own.measure if own else None
    window = read_window(window_place) if window_place else Lifetime()
    if own and "measure" not in place.value and "window" not in place.value:
        window = own.window
    elif window_place:
        check_window(window_place, measure, window)
    start, below = read_bounds(place)
    if measure is None or window is None or (start is None and below is None):
        return None
    return Condition(measure, window, start, below)
