"""docs/faces/fanfare.md says of every operation, and every field and event of consumers, what becomes of it."""

import re
from pathlib import Path
from typing import get_args

from ziggurat.http.faces.fanfare import routes_transactions, webhook_events
from ziggurat.http.faces.fanfare import wire_consumers as wire
from ziggurat.http.faces.fanfare.application import fanfare_document
from ziggurat.http.faces.fanfare.consumer_queries import EXACT, FILTERS
from ziggurat.http.faces.fanfare.consumer_view import NEVER
from ziggurat.http.faces.fanfare.fields import KEPT

PAGE = (Path(__file__).parents[4] / "docs" / "faces" / "fanfare.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in PAGE.splitlines() if line.startswith("| ")]
FIELDS = {row[0].strip("`").removeprefix("consumer."): row for row in ROWS if row[0].startswith("`consumer.")}
FIELDS = {name: row for name, row in FIELDS.items() if name not in ("created", "updated") and "." not in name}


def values_of(section: str) -> list[str]:
    """The values that are answered, by the table under a heading."""
    text = PAGE.split(f"### {section}\n")[1].split("\n#")[0]
    return re.findall(r"^\| `([^`]+)` \| yes \|", text, re.MULTILINE)


def test_every_operation_is_in_a_table() -> None:
    served = {
        f"{method.upper()} {path.removeprefix('/api')}"
        for path, methods in fanfare_document()["paths"].items()
        for method in methods
    }
    told = {row[0].strip("`"): row[1] for row in ROWS if re.match(r"`[A-Z]+ /", row[0])}
    assert set(told) == served
    assert set(told.values()) == {"supported"}


def test_every_field_of_a_consumer_is_in_the_table_as_it_is_read_and_answered() -> None:
    answered, updated = set(wire.Consumer.model_fields), set(wire.ConsumerUpdate.model_fields)
    created = set(wire.NewConsumer.model_fields)
    how = {name: row[1] for name, row in FIELDS.items()}
    without_effect = {"activityRank", "purchaseFrequencyRank", "monetaryRank"}
    without_effect |= {name for name in created if name.endswith("ScoreUpdatedAt")}

    assert {name for name, what in how.items() if what == "supported"} == updated
    assert {name for name, what in how.items() if what == "on creation"} == created - updated - without_effect
    assert {name for name, what in how.items() if what == "read-only"} - {"audiences"} == (
        answered - created | without_effect
    )
    assert {name for name, what in how.items() if what == "passed over"} == {"orders"}


def test_what_is_kept_or_always_null_is_said_to_be() -> None:
    ends = {name: row[2] for name, row in FIELDS.items()}
    own = {"emailVerified", "phoneVerified"}
    assert {name for name, said in ends.items() if said == "kept as it is said"} == set(KEPT) - own
    assert {name for name, said in ends.items() if said == "always null"} == set(NEVER)


def test_every_parameter_of_lists_is_named() -> None:
    by_request = {row[0].strip("`"): row[2] for row in ROWS if row[0].startswith("`GET /consumers")}
    for name in (*FILTERS, "first", "after", "last", "before", "sortBy", "sortDir", "include"):
        assert f"`{name}`" in by_request["GET /consumers"]
    for name in EXACT:
        assert f"`{name}`" in by_request["GET /consumers/search"]


def test_every_type_of_transaction_and_activity_is_in_its_table() -> None:
    types = get_args(wire.LoyaltyTransaction.model_fields["txnType"].annotation)
    activities = get_args(wire.TimelineActivity.model_fields["type"].annotation)
    assert values_of("Loyalty transactions") == list(types)
    assert values_of("Timeline") == list(activities)
    text = PAGE.split("### Timeline\n")[1].split("\n#")[0]
    for begin, _ in routes_transactions.ACTIVITIES:
        assert f"`{begin}`" in text


def test_every_event_is_in_the_table_as_it_is_sent() -> None:
    text = PAGE.split("\n| event | sent | data |\n")[1].split("\n\n")[0]
    told = dict(re.findall(r"^\| `([^`]+)` \| (\w+) \|", text, re.MULTILINE))
    assert list(told) == list(webhook_events.EVENTS)
    assert {name for name, sent in told.items() if sent == "yes"} == set(webhook_events.VENDORS)
    assert {name for name, sent in told.items() if sent == "ours"} == set(webhook_events.EXTENSIONS)
