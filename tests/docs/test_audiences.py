"""What docs/audiences.md lists is what there is."""

import re
from pathlib import Path

from ziggurat import limits
from ziggurat.program.audience_fields import PROFILE_FIELDS, STANDING_FIELDS, find_field
from ziggurat.program.audience_rules import Operator
from ziggurat.program.exact_json import read_exact
from ziggurat.program.read_audience_rules import read_rules

PAGE = (Path(__file__).parents[2] / "docs" / "audiences.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"{title}\n", 1)[1].split("\n## ", 1)[0].split("\n### ", 1)[0]


def test_every_field_is_listed() -> None:
    listed = set(re.findall(r"`([a-z_]+)`", section("### Fields")))
    assert set(PROFILE_FIELDS) <= listed
    for name in STANDING_FIELDS:
        assert f".{name}`" in section("### Fields")
        assert find_field(f"program.prg_1.{name}")


def test_every_operator_is_listed() -> None:
    assert set(Operator) <= set(re.findall(r"`([a-z_]+)`", section("### Operators, and missing values")))


def test_the_example_can_be_read() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert len(read_rules(read_exact(example)).groups) == 2


def test_limits_are_the_ones_in_force() -> None:
    assert f"{limits.AUDIENCE_GROUPS_MAX} groups, {limits.AUDIENCE_RULES_MAX} rules" in PAGE
    assert f"{limits.AUDIENCE_VALUES_MAX:,} values" in PAGE
    assert f"{limits.MEMBERS_AT_ONCE_MAX:,} members" in PAGE
    assert f"{limits.IMPORT_ROWS_MAX:,} rows" in PAGE
    assert f"half life is {limits.HALF_LIFE_DAYS} days" in PAGE
    assert f"Rows are placed {limits.IMPORT_ROWS_PER_STEP:,} at a time" in PAGE
