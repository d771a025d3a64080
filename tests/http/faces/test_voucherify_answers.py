"""docs/faces/voucherify.md names every field of the vendor's answers, and no other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.http.conftest import Served, serve_with, served, sqlite_file
from tests.http.faces.speakers import Body, Voucherify, done, speakers
from tests.http.faces.test_across import BALANCE, MEMBER
from ziggurat.http.faces import voucherify
from ziggurat.http.faces.voucherify.cards import LEDGER
from ziggurat.http.faces.voucherify.ids import customer_id, structure_id

__all__ = ["serve_with", "served", "sqlite_file"]

PAGE = (Path(__file__).parents[3] / "docs" / "faces" / "voucherify.md").read_text(encoding="utf-8")
SOURCE = "".join(file.read_text(encoding="utf-8") for file in Path(str(voucherify.__file__)).parent.glob("*.py"))
HELD: Body = {
    "expiration": {"type": "fixed_duration", "period": {"months": 1}},
    "downgrade": {"type": "single_level", "grace_period": {"months": 1}},
}
AS_ASKED = ("tier_structure.", "tier.", "card_definition.", "program.")
"""The tables of requests name what is in them."""
ELSEWHERE = {
    "activity.data.tier",
    "activity.data.tier_structure",
    "activity.data.program",
    "activity.data.program_tier_structure",
    "activity.data.program_card_definition",
    "activity.data.card_definition",
    "activity.data.member",
    "activity.data.member_card",
    "activity.data.card",
    "membership.member",
    "membership.cards.card",
    "point_adjustment.transaction",
}
"""Objects that are answered by themselves too."""


def leaves(value: Any, at: str) -> Iterator[str]:
    """The paths of everything in `value` that holds no more."""
    if at in ELSEWHERE:
        yield at
    elif isinstance(value, list) and value and all(isinstance(each, dict | list) for each in value):
        for each in value:
            yield from leaves(each, at)
    elif isinstance(value, dict) and value:
        for name, each in value.items():
            yield from leaves(each, f"{at}.{name}")
    else:
        yield at


def answers(spoken: dict[str, Any], there: Voucherify) -> dict[str, list[Any]]:
    """Each of the vendor's objects, as answered to whoever reads a member who has moved, and why."""
    program = spoken["native"].make({**BALANCE, **HELD})
    card = there.join(program, MEMBER)
    found: dict[str, list[Any]] = defaultdict(list)
    member, at = card.split("/cards/")[0], customer_id(MEMBER)
    here = member.split("/members/")[0]
    for points in (600, 1500):
        found["point_adjustment"].append(done(there.client.post(f"{card}/points", json={"points": points})))
        found["membership"].append(done(there.client.get(f"{here}/memberships/{at}")))
    draft = there.client.post(
        f"{there.base}/tier-structures", json=spoken["native"].payload(program, there.dialect)["tier_structure"]
    )
    structure = f"{there.base}/tier-structures/{done(draft)['id']}"
    tier = spoken["native"].payload(program, there.dialect)["tiers"][1]
    found["tier"].append(done(there.client.post(f"{structure}/tiers", json=tier)))
    for kind, path in {
        "tier_structure": f"{there.base}/tier-structures",
        "activity": f"{structure}/activities",
        "activity of the ladder": f"{there.base}/tier-structures/{structure_id(program)}/activities",
        "activity of the program": f"{here}/activities?limit=100",
        "activity of the member": f"{member}/activities",
        "activity of the card": f"{card}/activities",
        "activity of the wallet": f"{there.base}/card-definitions/{LEDGER}/activities",
        "program": f"{there.base}/programs",
        "assigned_tier_structure": f"{here}/tier-structures",
        "assigned_card_definition": f"{here}/card-definitions",
        "tier_transaction": f"{member}/tiers/transactions",
        "card_transaction": f"{card}/transactions",
        "report_row": f"{here}/reports/tiers/daily?start_date=2025-07-01&end_date=2025-07-02&resolution=day",
        "summary_row": f"{here}/reports/tiers/summary?start_date=2025-07-01&end_date=2025-07-02&resolution=day",
        "card_definition": f"{there.base}/card-definitions",
    }.items():
        found[kind.split()[0]] += done(there.client.get(path))["data"]
    found["member"].append(done(there.client.get(member)))
    batch = done(there.client.post(f"{here}/members/batch", json=[{"customer_id": "cust_1"}]))
    found["accepted"].append(batch)
    found["async_action"].append(
        done(there.client.get(f"/{there.dialect}/v1/async-actions/{batch['async_action_id']}"))
    )
    return found


def rows() -> set[str]:
    """The fields of answers that the page names."""
    section = PAGE.split("## Answers\n", 1)[1].split("\n## ", 1)[0]
    return {match[1] for match in re.finditer(r"^\| `([a-z_]+\.[a-z_.]+)` \|[^|]*\| yes \|", section, re.MULTILINE)}


def test_every_field_of_an_answer_is_in_the_table_and_no_other(served: Served) -> None:
    spoken = speakers(served)
    seen: set[str] = set()
    for dialect in ("voucherify", "voucherify-2026-08"):
        for kind, listed in answers(spoken, spoken[dialect]).items():
            for each in listed:
                seen |= set(leaves(each, kind))

    assert {path for path in seen if not path.startswith(AS_ASKED)} == rows()


def test_every_word_of_an_answer_is_used_as_the_table_says() -> None:
    section = PAGE.split("| answered word |", 1)[1]
    told = dict(re.findall(r"^\| `(\w+)` \| `[a-z_.]+` \| (yes|never) \|", section, re.MULTILINE))

    assert len(told) > 30
    assert {word for word, how in told.items() if how == "yes"} == {word for word in told if f'"{word}"' in SOURCE}
