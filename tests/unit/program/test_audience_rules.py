"""What audience rules mean for one member, and what is refused with every fault named."""

from decimal import Decimal
from typing import Any

import pytest

from ziggurat import limits
from ziggurat.engine.audience_match import explain_match, matches
from ziggurat.program.audience_rules import InvalidAudienceError, Operator
from ziggurat.program.open_values import attribute_value, encode, flatten
from ziggurat.program.read_audience_rules import read_rules

MEMBER: dict[str, Any] = {
    "points_balance": 5_000_000,
    "lifetime_value": 1_234_567,
    "activity_rank": 3,
    "email": "ann@shop.example",
    "country": "FR",
    "last_order_at": 1_751_328_000_000_000,
    "program.prg_1.tier": "gold",
    "attributes.score": encode(attribute_value("12.50")),
    "attributes.code": encode(attribute_value("007")),
    **flatten({"tags": ["vip", 7, True], "size": Decimal("1.10"), "shop": {"city": "Lyon"}, "new": False}, "metadata"),
}


def holds(field: str, operator: str, *values: Any) -> bool:
    return matches(read_rules([[{"field": field, "operator": operator, "values": list(values)}]]), MEMBER)


@pytest.mark.parametrize(
    ("field", "operator", "values"),
    [
        ("points_balance", "equals", [500]),
        ("points_balance", "equals", ["500.0000"]),
        ("points_balance", "not_equals", [Decimal("500.00001")]),
        ("points_balance", "greater_than", [Decimal("499.99999")]),
        ("points_balance", "less_than_or_equal", [Decimal("500.00001")]),
        ("points_balance", "less_than", ["1E+99"]),
        ("points_balance", "between", [500, 500]),
        ("lifetime_value", "in", [1, "123.4567"]),
        ("activity_rank", "greater_than", [Decimal("2.5")]),
        ("email", "equals", ["ANN@Shop.example"]),
        ("email", "contains", ["@SHOP"]),
        ("country", "not_equals", ["fr"]),
        ("country", "greater_than", ["FQ"]),
        ("last_order_at", "equals", ["2025-07-01"]),
        ("last_order_at", "less_than", ["2025-07-01T02:00:00.000001+02:00"]),
        ("program.prg_1.tier", "in", ["silver", "gold"]),
        ("metadata.size", "equals", [Decimal("1.1")]),
        ("metadata.size", "less_than", [Decimal("1.1000001")]),
        ("metadata.size", "not_equals", ["1.1"]),
        ("metadata.shop.city", "between", ["L", "M"]),
        ("metadata.new", "equals", [False]),
        ("metadata.tags", "contains", ["vip"]),
        ("metadata.tags", "contains", [7]),
        ("metadata.tags", "contains", [True]),
        ("metadata.tags", "not_contains", ["vi"]),
        ("metadata.tags", "not_equals", ["vip"]),
        ("metadata.shop.city", "contains", ["yo"]),
        ("attributes.score", "greater_than", [12]),
        ("attributes.score", "between", ["9", "12.5"]),
        ("attributes.score", "in", [1, "12.5"]),
        ("attributes.code", "equals", ["007"]),
        ("attributes.code", "not_equals", [7]),
        ("attributes.code", "contains", ["0"]),
    ],
)
def test_a_rule_holds(field: str, operator: str, values: list[Any]) -> None:
    assert holds(field, operator, *values)


@pytest.mark.parametrize("field", ["phone", "enrolled_at", "metadata.nothing", "program.prg_9.value", "other.thing"])
def test_a_missing_value_satisfies_the_negative_operators_and_no_other(field: str) -> None:
    said = "2025-01-01" if field == "enrolled_at" else 1 if field.endswith("value") else "x"
    true = {operator for operator in Operator if operator.startswith("not_")}
    for operator in Operator:
        if field in ("enrolled_at", "program.prg_9.value") and operator.endswith("contains"):
            continue
        values = {"between": [said, said], "exists": [], "not_exists": []}.get(operator, [said])
        assert holds(field, operator, *values) is (operator in true), operator


def test_null_among_the_values_asks_for_a_missing_value() -> None:
    assert holds("phone", "equals", None)
    assert holds("phone", "in", "+33", None)
    assert not holds("phone", "not_in", "+33", None)
    assert holds("country", "not_equals", None)
    assert not holds("country", "in", "DE", None)


def test_rules_of_a_group_must_all_hold_and_one_group_is_enough() -> None:
    rich = {"field": "points_balance", "operator": "greater_than", "values": [100]}
    poor = {"field": "points_balance", "operator": "less_than", "values": [100]}
    assert not matches(read_rules([[rich, poor]]), MEMBER)
    assert matches(read_rules([[poor], [rich]]), MEMBER)
    assert not matches(read_rules([]), MEMBER)
    report = explain_match(read_rules([[rich, poor], [rich]]), MEMBER)
    assert (report.matches, report.group) == (True, 1)
    assert [(verdict.group, verdict.place, verdict.holds) for verdict in report.verdicts] == [
        (0, 0, True),
        (0, 1, False),
        (1, 0, True),
    ]


def test_every_fault_is_named_at_its_place() -> None:
    with pytest.raises(InvalidAudienceError) as refusal:
        read_rules(
            [
                [
                    {"field": "shoe_size", "operator": "resembles", "values": [1]},
                    {"field": "points_balance", "operator": "between", "values": [1]},
                    {"field": "points_balance", "operator": "equals", "values": ["many"]},
                    {"field": "points_balance", "operator": "contains", "values": [1]},
                    {"field": "country", "operator": "equals", "values": [1], "group": 2},
                    {"field": "enrolled_at", "operator": "less_than", "values": ["soon"]},
                    {"field": "points_balance", "operator": "less_than", "values": [None]},
                    {"field": "metadata.a", "operator": "between", "values": [1, "2"]},
                    {"field": "metadata.a", "operator": "equals", "values": [1.5]},
                    {"field": "country", "operator": "in", "values": []},
                ],
                [],
                {"field": "country"},
            ]
        )
    assert [fault.path for fault in refusal.value.faults] == [
        "rules[0][0].field",
        "rules[0][0].operator",
        "rules[0][1].values",
        "rules[0][2].values[0]",
        "rules[0][3].operator",
        "rules[0][4].group",
        "rules[0][5].values[0]",
        "rules[0][6].values[0]",
        "rules[0][7].values",
        "rules[0][8].values[0]",
        "rules[0][9].values",
        "rules[1]",
        "rules[2]",
    ]


@pytest.mark.parametrize(
    "rules",
    [
        "all",
        [[{"field": "country", "operator": "exists", "values": []}]] * (limits.AUDIENCE_GROUPS_MAX + 1),
        [[{"field": "country", "operator": "exists", "values": []}] * (limits.AUDIENCE_RULES_MAX + 1)],
        [[{"field": "country", "operator": "in", "values": ["x"] * (limits.AUDIENCE_VALUES_MAX + 1)}]],
        [[{"field": "country", "operator": "equals", "values": ["x" * 1_001]}]],
        [[{"field": "points_balance", "operator": "equals", "values": ["1" * 101]}]],
        [[{"field": "metadata.a", "operator": "equals", "values": ["1e99999", Decimal("1e9999")]}]],
        [[{"field": "metadata." + "a" * 200, "operator": "exists", "values": []}]],
        [[{"field": "points_balance", "operator": "equals", "values": [Decimal("nan")]}]],
        [[{"field": "country", "operator": "equals", "values": ["a\0b"]}]],
        [[{"field": ["country"], "operator": {"equals": 1}, "values": "FR"}]],
    ],
)
def test_rules_beyond_the_limits_are_refused(rules: Any) -> None:
    with pytest.raises(InvalidAudienceError):
        read_rules(rules)


def test_encoded_numbers_sort_by_size_at_any_precision() -> None:
    numbers = [
        Decimal(text)
        for text in [
            "-1E+20",
            "-12.5",
            "-12.49",
            "-1.23",
            "-1.2",
            "-0.001",
            "0",
            "1E-30",
            "0.1",
            "0.11",
            "1",
            "9.99",
            "10",
            "1E+20",
        ]
    ]
    assert sorted(numbers, key=encode) == numbers
    assert encode(Decimal("1.10")) == encode(Decimal("1.1"))
    assert encode(0) == encode(Decimal("-0.00"))
