"""docs/rules.md: every worked example follows from the rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ziggurat.engine.reference import evaluate
from ziggurat.engine.timeline import Timeline
from ziggurat.program.amounts import format_units, parse_decimal, to_units
from ziggurat.program.calendar import Calendar, calendar
from ziggurat.program.events import Event, EventType, OverrideMode
from ziggurat.program.model import Activation, Program, Revision, Status
from ziggurat.program.read import read_program

RULES = Path(__file__).parents[2] / "docs" / "rules.md"
EXAMPLE = re.compile(r"^```yaml example\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMON = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
AMOUNTS = ("points", "amount", "quantity")


def _load(text: str) -> dict[str, Any]:
    yaml = YAML(typ="base", pure=True)  # every scalar as it is written: amounts stay exact, dates stay text
    loaded: dict[str, Any] = yaml.load(text)
    return loaded


def _examples() -> list[Any]:
    text = RULES.read_text(encoding="utf-8")
    chapters = [(found.start(), found[1]) for found in re.finditer(r"^## (.+)$", text, re.MULTILINE)]
    examples = []
    for found in EXAMPLE.finditer(text):
        chapter = [name for start, name in chapters if start < found.start()][-1]
        line = text.count("\n", 0, found.start()) + 1
        examples.append(pytest.param(found[1], id=f"{chapter.lower().replace(' ', '_')}:{line}"))
    return examples


def _program(differs: Mapping[str, Any]) -> Program:
    common = COMMON.search(RULES.read_text(encoding="utf-8"))
    assert common is not None
    return read_program(_typed({**_load(common[1]), **differs}))


def _typed(node: Any) -> Any:
    """The document with numbers as numbers, read exactly."""
    if isinstance(node, dict):
        return {key: _typed(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_typed(each) for each in node]
    if re.fullmatch(r"-?\d+", node):
        return int(node)
    if re.fullmatch(r"-?\d+\.\d+", node):
        return parse_decimal(node)
    return {"true": True, "false": False}.get(node, node)


def _event(row: Mapping[str, str], zone: Calendar) -> Event:
    fields: dict[str, Any] = {key: value for key, value in row.items() if key not in {"at", "type"}}
    for name in AMOUNTS:
        if name in fields:
            fields[name] = to_units(parse_decimal(fields[name]))
    if "until" in fields:
        fields["until"] = zone.parse(fields["until"])
    if "mode" in fields:
        fields["mode"] = OverrideMode(fields["mode"])
    if "qualifying" in fields:
        fields["qualifying"] = fields["qualifying"] == "true"
    return Event("she", EventType(row.get("type", "points.earned")), zone.parse(row["at"]), **fields)


def _told(timeline: Timeline, zone: Calendar) -> list[str]:
    def short(instant: int) -> str:
        text = zone.format(instant)
        if zone.zone != "UTC":
            return text
        return text.removesuffix("+00:00").removesuffix(":00").removesuffix("T00:00")

    return [
        f"{short(move.at)} {move.kind} {move.to_tier}".rstrip()
        + (f" until {short(move.expires_at)}" if move.expires_at is not None else "")
        for move in timeline.transitions
    ]


@pytest.mark.parametrize("text", _examples())
def test_the_example_follows_from_the_rules(text: str) -> None:
    example = _load(text)
    program = _program(example.get("program", {}))
    zone = calendar(program.time_zone)
    revisions = [Revision(program)]
    for number, later in enumerate(example.get("revisions", []), start=2):
        revisions.append(
            Revision(
                _program({**example.get("program", {}), **later["program"]}) if "program" in later else program,
                zone.parse(later["from"]),
                Status(later.get("status", "active")),
                Activation(later.get("activation", "reevaluate")),
                number,
            )
        )
    events = [_event(row, zone) for row in example["events"]]
    as_of = zone.parse(example["as_of"]) if "as_of" in example else max(event.occurred_at for event in events)

    timeline = evaluate(revisions, events, as_of)

    assert _told(timeline, zone) == example["then"]
    if "stands" in example:
        assert timeline.state is not None
        for name, said in example["stands"].items():
            stands = getattr(timeline.state, name)
            assert (stands == zone.parse(said)) if name in {"since", "expires_at"} else (format_units(stands) == said)


def test_every_chapter_of_rules_with_a_consequence_has_an_example() -> None:
    text = RULES.read_text(encoding="utf-8")
    without = [chapter.split("\n", 1)[0] for chapter in text.split("\n## ")[1:] if "```yaml example" not in chapter]

    assert without == ["Late events", "Award"]
