"""Each bad document is refused with the path, the fault and the remedy; all faults of a document are named at once."""

import json
from decimal import Decimal
from typing import Any

import pytest

from ziggurat import limits
from ziggurat.errors import InvalidProgramError
from ziggurat.program.read import load_program_text, read_program

OK_TIERS = [{"name": "Silver", "from": 500}, {"name": "Gold", "from": 2000}]
OWN = {"measure": "points_earned", "window": {"rolling": {"months": 12}}}


def document(**changes: Any) -> dict[str, Any]:
    return {"edition": 1, "name": "Club", "qualification": OWN, "tiers": OK_TIERS} | changes


def tier(**fields: Any) -> dict[str, Any]:
    return document(tiers=[{"name": "Silver", "from": 500} | fields])


def hold(**fields: Any) -> dict[str, Any]:
    return document(expiration=fields)


def needs(requirement: Any) -> dict[str, Any]:
    return tier(requires=requirement)


def own(**fields: Any) -> dict[str, Any]:
    return document(qualification={"measure": "spend"} | fields)


def faults_of(said: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(InvalidProgramError) as caught:
        read_program(said)
    return [(fault.path, fault.problem, fault.remedy) for fault in caught.value.faults]


A = {"from": 1}
DEEP: Any = A
for _ in range(limits.REQUIREMENT_DEPTH_MAX):
    DEEP = {"not": DEEP}

ONE_FAULT = [
    # --- the whole
    (document(edition=2), "edition", "must be 1, not 2", "write edition: 1"),
    (document(edition=True), "edition", "must be 1, not true", "write edition: 1"),
    (document(nmae="x"), "nmae", "is not a key here", 'did you mean "name"?'),
    (document(status="active"), "status", "is not a key here", "use one of"),
    (document(name=3), "name", "must be text, not 3", 'put it in quotes: "3"'),
    (document(name=" "), "name", "is empty", "write something"),
    (document(name="x" * 201), "name", "has 201 characters", "200 are allowed"),
    (document(name="a\x07b"), "name", "holds a control character", "use printable characters on one line"),
    (document(name=None), "name", "has no value", "give one, or leave the key out"),
    (document(time_zone="Europe/Pariss"), "time_zone", 'is not a time zone: "Europe/Pariss"', '"Europe/Paris"?'),
    (document(time_zone="paris"), "time_zone", "is not a time zone", '"Europe/Paris"?'),
    (document(time_zone="Nowhere at all"), "time_zone", "is not a time zone", "use an IANA name"),
    (document(currency="eur"), "currency", "must be the three capital letters", 'did you mean "EUR"?'),
    (document(enrolment="explicitly"), "enrolment", "must be one of on_first_event, explicit", '"explicit"?'),
    (document(award="befor"), "award", "must be one of before, after, split", 'did you mean "before"?'),
    (document(late_events={}), "late_events.cut_off", "is missing", "write {cut_off: {days: 90}}"),
    (document(metadata=[1]), "metadata", "must be a mapping, not a list", ""),
    (document(metadata={"a": Decimal("0.1234567890123456789")}), "metadata.a", "is not a number that JSON", "as text"),
    (document(metadata={"a": float("nan")}), "metadata.a", "must be a finite number", "as text"),
    (document(metadata={"a": "x" * 70_000}), "metadata", "is 70,009 bytes long", "65,536 are allowed"),
    (document(metadata={"a": object()}), "metadata.a", "must be a JSON value, not object", "write what JSON can say"),
    (document(tiers=[]), "tiers", "is empty", "list at least one"),
    (document(tiers={}), "tiers", "must be a list of tiers, not a mapping", ""),
    (document(tiers=[{"name": f"T{n}", "from": n} for n in range(101)]), "tiers", "lists 101 tiers", "100 are allowed"),
    # --- tiers
    (document(base_tier={"name": "B", "from": 1}), "base_tier.from", "means nothing on the base tier", "take it out"),
    (document(base_tier="silver"), "tiers[0].name", "is already the name or id of another tier", "its own"),
    (document(base_tier={"name": "B", "id": "Gold"}), "tiers[1].name", '"Gold" is already the name or id', "its own"),
    (document(tiers=[{"name": "A"}]), "tiers[0]", "says neither from nor requires", "say what reaches it"),
    (document(tiers=[{"from": 1}]), "tiers[0].name", "is missing", "name the tier"),
    (tier(form=5), "tiers[0].form", "is not a key here", 'did you mean "from"?'),
    (tier(**{"from": "lots"}), "tiers[0].from", 'must be a number, not the text "lots"', ""),
    (tier(**{"from": True}), "tiers[0].from", "must be a number, not true", ""),
    (tier(**{"from": float("nan")}), "tiers[0].from", "must be a finite number", "numbers reach to"),
    (tier(**{"from": float("inf")}), "tiers[0].from", "must be a finite number", "numbers reach to"),
    (tier(**{"from": Decimal("1e999999999")}), "tiers[0].from", "is too large", "numbers reach to 100,000,000,000,000"),
    (tier(**{"from": 10**5000}), "tiers[0].from", "must be a finite number", "numbers reach to"),
    (tier(**{"from": Decimal("0.1234567890123")}), "tiers[0].from", "has 13 decimal places", "12 are allowed"),
    (tier(**{"from": Decimal("1e-999999999")}), "tiers[0].from", "has 999999999 decimal places", "12 are allowed"),
    (tier(**{"from": 0.12345678901234567}), "tiers[0].from", "is more exact than a float is", "give it as text"),
    (tier(below=500), "tiers[0].below", "must be more than from, 500, not 500", "raise it"),
    (
        document(tiers=[{"name": "A", "from": 5}, {"name": "B", "from": 5}]),
        "tiers[1].from",
        "must be more than 5, the from of A, not 5",
        "list the tiers lowest first",
    ),
    (
        document(tiers=[{"name": "A", "from": 5, "below": 9}, {"name": "B", "from": 7}]),
        "tiers[0].below",
        "overlaps B, which starts from 7",
        "write below: 7, or leave it out",
    ),
    (document(tiers=[OK_TIERS[0], "Gold"]), "tiers[1]", 'must be a tier, not the text "Gold"', "its keys are name"),
    # --- qualification
    (document(qualification={}), "qualification.measure", "is missing", "measure: points_earned"),
    (own(measure="point_earned"), "qualification.measure", "is not a measure", 'did you mean "points_earned"?'),
    (own(measure="activity"), "qualification.measure", "needs a name", "write {activity: NAME}"),
    (own(measure={"activty": "x"}), "qualification.measure.activty", "is not a key here", '"activity"?'),
    (own(window="weekly"), "qualification.window", "is not a window", "use one of"),
    (own(window="rolling"), "qualification.window", "says no period", "write {rolling: {months: 12}}"),
    (own(window={"rolling": {"month": 1}}), "qualification.window.rolling.month", "is not a key here", '"months"?'),
    (own(window={"rolling": {}}), "qualification.window.rolling", "has no unit", "as {months: 12}"),
    (own(window={"rolling": {"days": 0}}), "qualification.window.rolling.days", "must be 1 or more, not 0", ""),
    (own(window={"rolling": {"days": -3}}), "qualification.window.rolling.days", "must be 1 or more, not -3", ""),
    (own(window={"rolling": {"days": 1.5}}), "qualification.window.rolling.days", "must be a whole number of days", ""),
    (own(window={"rolling": {"years": 101}}), "qualification.window.rolling.years", "must be 100 or less", ""),
    (own(window={"rolling": {"days": 1, "months": 2}}), "qualification.window.rolling", "has 2 units", "keep one"),
    (own(window={"calendar": "decade"}), "qualification.window.calendar", "must be one of hour, day", ""),
    (
        own(window={"calendar": {"period": {"hours": 3}, "from": "2025-01-01"}}),
        "qualification.window.calendar.period.hours",
        "is not a unit here",
        "write days or longer",
    ),
    (
        own(window={"calendar": {"period": {"months": 3}, "from": "2025-02-30"}}),
        "qualification.window.calendar.from",
        "is a date that does not exist: 2025-02-30",
        "check the day of the month",
    ),
    (
        own(window={"anniversary": {"period": {"hours": 3}}}),
        "qualification.window.anniversary.period.hours",
        "is not a unit here",
        "write days or longer",
    ),
    (
        own(measure="points_balance", window={"rolling": {"days": 1}}),
        "qualification.window",
        "cannot be laid on points_balance",
        "leave the window out",
    ),
    (
        own(measure={"attribute": "score"}, window={"calendar": "year"}),
        "qualification.window",
        "cannot be laid on attribute",
        "leave the window out",
    ),
    (own(applies="next_period"), "qualification.applies", "next_period needs a window of periods", "or applies"),
    (own(max_steps=0), "qualification.max_steps", "must be 1 or more, not 0", ""),
    # --- expiration
    (document(expiration="nver"), "expiration", "must be one of immediate, never", 'did you mean "never"?'),
    (hold(period={"days": 1}), "expiration.type", "is missing", "say which"),
    (hold(type="fixed_duration"), "expiration.period", "is missing", "write period: {months: 12}"),
    (document(expiration="fixed_duration"), "expiration.period", "is missing", "write period: {months: 12}"),
    (hold(type="never", period={"days": 1}), "expiration.period", "means nothing with type never", "take it out"),
    (hold(type="immediate", check="daily"), "expiration.check", "means nothing with type immediate", "take it out"),
    (
        hold(type="fixed_duration", period={"days": 9}, minimum={"days": 1}),
        "expiration.minimum",
        "means nothing with type fixed_duration",
        "only calendar, anniversary",
    ),
    (
        hold(type="sliding", period={"days": 9}, activities=["earning"], occurrence=2),
        "expiration.occurrence",
        "means nothing with type sliding",
        "take it out",
    ),
    (hold(type="calendar"), "expiration", "must have either dates or every", "or every: year"),
    (
        hold(type="calendar", every="year", dates=[{"month": 1, "day": 1}]),
        "expiration",
        "must have either dates or every",
        "or every: year",
    ),
    (hold(type="calendar", every="week"), "expiration.every", "must be one of month, quarter, half, year", ""),
    (hold(type="calendar", dates=[]), "expiration.dates", "is empty", "list at least one"),
    (
        hold(type="calendar", dates=[{"month": 2, "day": 30}]),
        "expiration.dates[0].day",
        "does not exist: month 2 has 29 days",
        "use 29",
    ),
    (
        hold(type="calendar", dates=[{"month": 2, "day": 29}]),
        "expiration.dates[0]",
        "is 29 February, which most years do not have",
        "add common_years: february_28 or common_years: march_1",
    ),
    (
        hold(type="calendar", dates=[{"month": 2, "day": 28, "common_years": "march_1"}]),
        "expiration.dates[0].common_years",
        "is only for 29 February",
        "take it out",
    ),
    (
        hold(type="calendar", dates=[{"month": 13, "day": 1}]),
        "expiration.dates[0].month",
        "must be 12 or less, not 13",
        "",
    ),
    (
        hold(type="calendar", every="year", occurrence=0),
        "expiration.occurrence",
        "must be 1 or more, not 0",
        "",
    ),
    (hold(type="anniversary", period={"hours": 5}), "expiration.period.hours", "is not a unit here", "days or longer"),
    (hold(type="sliding", period={"days": 1}), "expiration.activities", "is missing", "write activities: [earning]"),
    (hold(type="attribute"), "expiration.attribute", "is missing", "write attribute: NAME"),
    (
        hold(type="fixed_duration", period={"days": 1}, round_up="hour"),
        "expiration.round_up",
        "must be one of day, week",
        "",
    ),
    # --- renewal and downgrade
    (document(renewal="criteria"), "renewal", "says no criteria", "write {type: criteria"),
    (document(renewal={"type": "criteria"}), "renewal.criteria", "is missing", "say what keeps the tier"),
    (
        document(renewal={"type": "always", "criteria": A}),
        "renewal.criteria",
        "means nothing with type always",
        "write type: criteria, or take it out",
    ),
    (document(downgrade="single"), "downgrade", "must be one of never, single_level", '"single_level"?'),
    (
        document(downgrade={"type": "to_base", "grace_period": {"months": 1, "round_up": "day"}}),
        "downgrade.grace_period.round_up",
        'must be true or false, not the text "day"',
        "",
    ),
    (
        document(downgrade={"type": "to_base", "grace_period": {"round_up": True}}),
        "downgrade.grace_period",
        "has no unit",
        "as {months: 12}",
    ),
    # --- requirements
    (needs({}), "tiers[0].requires", "bounds nothing", "write {measure"),
    (needs({"measure": "spend"}), "tiers[0].requires", "bounds nothing", "say from or below"),
    (needs({"from": 5, "below": 5}), "tiers[0].requires.below", "must be more than from, 5, not 5", "raise it"),
    (
        needs({"window": "since_tier_entry", "measure": "points_lifetime", "from": 1}),
        "tiers[0].requires.window",
        "cannot be laid on points_lifetime",
        "leave the window out",
    ),
    (needs({"all": []}), "tiers[0].requires.all", "is empty", "list at least one"),
    (needs({"any": 3, "of": [A, A]}), "tiers[0].requires.any", "must be 2 or less, not 3", ""),
    (needs({"any": [A]}), "tiers[0].requires.of", "is missing", "list the requirements"),
    (needs({"of": [A]}), "tiers[0].requires.any", "is missing", "say how many of them must hold"),
    (needs({"all": [A], "from": 3}), "tiers[0].requires.from", "is not a key here", "use one of all"),
    (needs(DEEP), "tiers[0].requires" + ".not" * 8, "nests more than 8 levels deep", "flatten it"),
    (needs({"all": [A] * 65}), "tiers[0].requires.all", "lists 65 requirements", "64 are allowed"),
    (
        needs({"all": [{"all": [A] * 40}, {"all": [A] * 40}]}),
        "tiers[0].requires",
        "tests 80 conditions",
        "64 are allowed",
    ),
    (
        needs({"expression": " or ".join(["A"] * 400), "where": {"A": {"all": [A] * 60}}}),
        "tiers[0].requires",
        "tests 24,000 conditions",
        "64 are allowed",
    ),
    (needs({"expression": "A"}), "tiers[0].requires.where", "is missing", 'write {expression: "A and B"'),
    (
        needs({"expression": "A and", "where": {"A": A}}),
        "tiers[0].requires.expression",
        "ends too early",
        "name what must hold",
    ),
    (
        needs({"expression": "A A", "where": {"A": A}}),
        "tiers[0].requires.expression",
        "has 'A' at character 3 where and, or, or the end belongs",
        "",
    ),
    (
        needs({"expression": "(A", "where": {"A": A}}),
        "tiers[0].requires.expression",
        "opens a parenthesis at character 1 and never closes it",
        "",
    ),
    (
        needs({"expression": "A)", "where": {"A": A}}),
        "tiers[0].requires.expression",
        "closes a parenthesis at character 2 that was never opened",
        "",
    ),
    (
        needs({"expression": "A + A", "where": {"A": A}}),
        "tiers[0].requires.expression",
        "has '+' at character 3",
        "use names, and, or, not, and parentheses",
    ),
    (
        needs({"expression": "visits and spnd", "where": {"visits": A, "spend": A}}),
        "tiers[0].requires.expression",
        'names "spnd", which is not in `where`',
        'did you mean "spend"?',
    ),
    (
        needs({"expression": "A", "where": {"A": A, "B": A}}),
        "tiers[0].requires.where.B",
        "is not used in the expression",
        "use it or take it out",
    ),
    (
        needs({"expression": "A", "where": {"A": A, "and": A}}),
        "tiers[0].requires.where.and",
        "is not a name: and",
        "a name is letters",
    ),
    (
        needs({"expression": "not " * 400 + "A", "where": {"A": A}}),
        "tiers[0].requires.expression",
        "nests more than 8 levels deep",
        "flatten it",
    ),
    (
        needs({"expression": "A" * 2001, "where": {"A": A}}),
        "tiers[0].requires.expression",
        "has 2,001 characters",
        "2,000 are allowed",
    ),
]


@pytest.mark.parametrize(("said", "path", "problem", "remedy"), ONE_FAULT, ids=range(len(ONE_FAULT)))
def test_a_fault_is_named_with_path_problem_and_remedy(said: Any, path: str, problem: str, remedy: str) -> None:
    found = faults_of(said)
    assert any(path == at and problem in what and remedy in mend for at, what, mend in found), found
    others = [fault for fault in found if fault[0] != path]
    assert not others or "where" in path or path.endswith(".of"), others


def test_every_fault_of_a_document_is_named_at_once_in_the_order_of_its_lines() -> None:
    text = """\
name: Club
time_zone: Mars
qualification:
  measure: visits
  window: {rolling: {month: 12}}
tiers:
  - {name: A, from: 500}
  - {name: A, from: 400}
"""
    with pytest.raises(InvalidProgramError) as caught:
        load_program_text(text, "club.yaml")
    assert [(fault.line, fault.path) for fault in caught.value.faults] == [
        (2, "time_zone"),
        (4, "qualification.measure"),
        (5, "qualification.window.rolling.month"),
        (8, "tiers[1].from"),
        (8, "tiers[1].name"),
    ]
    assert str(caught.value).splitlines()[0].startswith("club.yaml:2: time_zone: is not a time zone")


def test_the_limit_on_pairs_of_measure_and_window_holds_for_the_whole_program() -> None:
    leaves = [{"measure": "spend", "window": {"rolling": {"days": day}}, "from": 1} for day in range(1, 65)]
    ladder = [
        {"name": "A", "from": 1, "requires": {"all": leaves[:32]}},
        {"name": "B", "from": 2, "requires": {"all": leaves[32:]}},
    ]
    assert faults_of(document(tiers=ladder)) == [
        ("tiers", "counts 65 different measures and windows", "64 are allowed in one program")
    ]


def test_faults_beyond_the_limit_are_counted() -> None:
    said = document(tiers=[{"name": f"T{n}", "from": n, "x": 1, "y": 2} for n in range(100)])
    found = faults_of(said)
    assert len(found) == limits.FAULTS_SHOWN_MAX + 1
    assert found[-1][1] == "has 100 more faults"


BAD_TEXTS = [
    ("", None, "", "is empty"),
    ("- a\n", None, "", "must be a mapping, a program, not a list"),
    ("a: 1\n---\nb: 2\n", None, "", "holds more than one document"),
    ("name: [a\n", 2, "", "is neither YAML nor JSON"),
    ('{"name": "x",\n', 2, "", "is neither YAML nor JSON"),
    ("name: a\nname: b\n", 2, "name", "is written twice"),
    ('{"tiers": [{"name": 1,\n"name": 2}]}', 2, "tiers[0].name", "is written twice"),
    ("a: *x\n", 1, "", "stands for nothing that ends before it"),
    ("a: &x [*x]\n", 1, "", "stands for nothing that ends before it"),
    ("a: !!python/object:os.system x\n", 1, "a", "has the tag"),
    ("? [a]\n: 1\n", 1, "", "a key is always text"),
    ("a: \x07\n", 1, "", "is neither YAML nor JSON"),
    ("a: " + "[" * 100 + "]" * 100, 1, "", "is nested more than 64 levels deep"),
    ('{"a":' + "[" * 100_000 + "]" * 100_000 + "}", None, "", "is nested more than 64 levels deep"),
    ("a: '" + "x" * limits.DOCUMENT_BYTES_MAX + "'", None, "", "is larger than 1,000,000 bytes"),
    ("a: 0." + "1" * 200, None, "", "has a number of 202 characters"),
]


@pytest.mark.parametrize(("text", "line", "path", "problem"), BAD_TEXTS, ids=range(len(BAD_TEXTS)))
def test_text_that_is_no_document_is_refused(text: str, line: int | None, path: str, problem: str) -> None:
    with pytest.raises(InvalidProgramError) as caught:
        load_program_text(text)
    fault = caught.value.faults[0]
    assert problem in fault.problem
    assert (fault.path, fault.line) == (path, line)


def test_aliases_share_a_rule_but_cannot_multiply_it_without_bound() -> None:
    shared = """\
name: Club
qualification: {measure: spend}
tiers:
  - {name: A, from: 1, expiration: &year {type: fixed_duration, period: {years: 1}}}
  - {name: B, from: 2, expiration: *year}
"""
    program = load_program_text(shared)
    assert program.tiers[0].expiration == program.tiers[1].expiration
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
    )
    with pytest.raises(InvalidProgramError, match="holds more than 50,000 values"):
        load_program_text(bomb)


def test_words_that_other_yaml_takes_for_truth_are_text() -> None:
    program = load_program_text("{name: on, qualification: {measure: {activity: no}}, tiers: [{name: off, from: 1}]}")
    assert (program.name, program.qualification.measure.name, program.tiers[0].name) == ("on", "no", "off")


def test_numbers_are_read_exactly_as_written() -> None:
    for text in ("0.1", "12345678901234.123456789012", "1e3", "+7", ".5", "007"):
        said = f"{{name: P, qualification: {{measure: spend}}, tiers: [{{name: A, from: {text}}}]}}"
        assert load_program_text(said).tiers[0].start == Decimal(text)
    said = json.dumps(document()).replace("2000", "2000.000000000001")
    assert load_program_text(said).tiers[1].start == Decimal("2000.000000000001")
