"""What a program can say, one thing at a time, each with the place where a dialect reports that it cannot."""

from __future__ import annotations

from typing import Any, NamedTuple

Document = dict[str, Any]
LADDER: Document = {
    "name": "Club",
    "qualification": {"measure": "points_balance"},
    "base_tier": {"name": "Member"},
    "tiers": [{"name": "Silver", "from": 500}, {"name": "Gold", "from": 2000}],
}
HELD: Document = {"expiration": {"type": "fixed_duration", "period": {"months": 12}, "check": "month_end"}}


class Concept(NamedTuple):
    """`says` is what the document has more than the plain ladder; losses at `place` and below it are of it."""

    name: str
    says: Document
    place: str


def _qualification(name: str, **says: Any) -> Concept:
    return Concept(name, {"qualification": says}, "qualification")


def _counted(name: str, window: Any, **more: Any) -> Concept:
    return _qualification(name, measure="points_earned", window=window, **more)


def _expiration(name: str, **says: Any) -> Concept:
    return Concept(name, {"expiration": says}, "expiration")


def _gold(name: str, place: str, **says: Any) -> Concept:
    tiers = [LADDER["tiers"][0], {**LADDER["tiers"][1], **says}]
    return Concept(name, {**HELD, "tiers": tiers}, f"tiers[1].{place}")


_YEAR = {"months": 12}
CONCEPTS = (
    _qualification("`points_balance`", measure="points_balance"),
    _qualification("`points_lifetime`", measure="points_lifetime"),
    _qualification("`points_earned`, ever", measure="points_earned"),
    _counted("`points_earned`, rolling months", {"rolling": _YEAR}),
    _counted("`points_earned`, rolling days", {"rolling": {"days": 90}}),
    _counted("`points_earned`, calendar quarter", {"calendar": "quarter"}),
    _counted("`points_earned`, cycles from a date", {"calendar": {"period": {"months": 2}, "from": "2025-02-01"}}),
    _counted("`points_earned`, anniversaries", {"anniversary": {"period": {"years": 1}}}),
    _counted("`points_earned`, since tier entry", "since_tier_entry"),
    _counted("applied in the next period", {"calendar": "year"}, applies="next_period"),
    _qualification("at most so many steps", measure="points_balance", max_steps=1),
    _qualification("`spend`", measure="spend"),
    _qualification("`orders`", measure="orders"),
    _qualification("`average_order_value`", measure="average_order_value"),
    _qualification("an activity", measure={"activity": "visit"}),
    _qualification("an attribute", measure={"attribute": "score"}),
    _expiration("not held", type="immediate"),
    _expiration("held for ever", type="never"),
    _expiration("held for months, checked at once", type="fixed_duration", period=_YEAR),
    _expiration("held for months, to the end of the last day", type="fixed_duration", period=_YEAR, round_up="day"),
    _expiration("checked daily", type="fixed_duration", period=_YEAR, check="daily"),
    _expiration("checked at the end of the month", type="fixed_duration", period=_YEAR, check="month_end"),
    _expiration("ends rounded up to the month", type="fixed_duration", period=_YEAR, round_up="month"),
    _expiration("held to dates", type="calendar", dates=[{"month": 12, "day": 31}]),
    _expiration("held to the end of quarters", type="calendar", every="quarter"),
    _expiration("held to the second such end", type="calendar", every="year", occurrence=2),
    _expiration("near ends passed over", type="calendar", every="year", minimum={"months": 3}),
    _expiration("held to the anniversary", type="anniversary"),
    _expiration("held on by activity", type="sliding", period=_YEAR, activities=["earning"]),
    _expiration("held to a date from outside", type="attribute", attribute="status_until"),
    Concept("kept by qualifying again", {**HELD, "renewal": "requalify"}, "renewal"),
    Concept("always kept", {**HELD, "renewal": "always"}, "renewal"),
    Concept(
        "kept by criteria of its own",
        {
            **HELD,
            "renewal": {
                "type": "criteria",
                "criteria": {"measure": "orders", "window": {"rolling": _YEAR}, "from": 3},
            },
        },
        "renewal",
    ),
    Concept(
        "kept for another time than held",
        {**HELD, "renewal": {"type": "requalify", "extends": {"months": 1}}},
        "renewal",
    ),
    Concept("falls to what is qualified for", {**HELD, "downgrade": "to_qualified"}, "downgrade"),
    Concept("falls by one", {**HELD, "downgrade": "single_level"}, "downgrade"),
    Concept("falls to the base", {**HELD, "downgrade": "to_base"}, "downgrade"),
    Concept("never falls", {**HELD, "downgrade": "never"}, "downgrade"),
    Concept("grace", {**HELD, "downgrade": {"type": "to_qualified", "grace_period": {"months": 1}}}, "downgrade"),
    Concept(
        "reversals acted on at the end of the day",
        {**HELD, "downgrade": {"type": "to_qualified", "on_reversal": "end_of_day"}},
        "downgrade",
    ),
    Concept("nobody in no tier: a base tier", {}, "base_tier"),
    Concept("no tier below the first", {"base_tier": None}, "base_tier"),
    _gold("a tier that never falls", "downgrade", downgrade="never"),
    _gold(
        "a hold of one tier alone",
        "expiration",
        expiration={"type": "fixed_duration", "period": {"months": 6}, "check": "month_end"},
    ),
    _gold("a cap (`below`)", "below", below=5000),
    _gold("orders in addition", "requires", requires={"measure": "orders", "from": 3}),
    _gold(
        "any of several conditions",
        "requires",
        requires={"any": 1, "of": [{"measure": "orders", "from": 3}, {"measure": "points_earned", "from": 9}]},
    ),
    _gold(
        "an expression",
        "requires",
        requires={
            "expression": "A and (B or C)",
            "where": {
                "A": {"measure": "orders", "from": 3},
                "B": {"measure": "spend", "from": 9},
                "C": {"measure": "points_earned", "from": 9},
            },
        },
    ),
    _gold("what must not hold", "requires", requires={"not": {"measure": "orders", "from": 3}}),
    _gold("a tier's description", "description", description="For regulars"),
    _gold("a tier's color", "color", color="#D4AF37"),
    _gold("a tier's icon", "icon", icon="https://shop.example/gold.svg"),
    _gold("a tier's benefits", "benefits", benefits=["lounge"]),
    _gold("a tier's metadata", "metadata", metadata={"crm": 7}),
    Concept("award after the climb", {"award": "after"}, "award"),
    Concept("award split at the threshold", {"award": "split"}, "award"),
    Concept("a time zone", {**HELD, "time_zone": "Europe/Paris"}, "time_zone"),
    Concept("a currency", {"currency": "EUR"}, "currency"),
    Concept("a cut-off for late events", {"late_events": {"cut_off": {"days": 90}}}, "late_events"),
    Concept("members only by enrolment", {"enrolment": "explicit"}, "enrolment"),
    Concept("a program's description", {"description": "For guests"}, "description"),
    Concept("a program's metadata", {"metadata": {"crm": 7}}, "metadata"),
)


def document_of(concept: Concept) -> Document:
    """The plain ladder that says `concept` too."""
    said = {**LADDER, **concept.says}
    return {name: value for name, value in said.items() if value is not None}
