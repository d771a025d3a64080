"""`ziggurat explain` keeps its contract."""

from __future__ import annotations

import json

from tests.cli.running import CLUB, EVENTS, ziggurat


def test_it_tells_why_in_sentences_and_tables() -> None:
    text = ziggurat("explain", CLUB, EVENTS, "--member", "ada").stdout
    assert text.startswith("ada is Silver since 1 June 2025, held to the end of 31 May 2026.\n")
    assert "With 800 points more before 24 December 2025 at 12:30, ada becomes Gold at once" in text
    assert "What counts (2)" in text
    assert "How it came to this" in text


def test_json_says_the_same_as_data() -> None:
    told = json.loads(ziggurat("explain", CLUB, EVENTS, "--member", "ada", "--as-of", "2025-05-10", "--json").stdout)
    assert told["tier"] == "Gold"
    assert told["grace_until"] == "2025-06-01T00:00:00+02:00"
    assert told["value"]["value"] == "1200"
    assert [each["id"] for each in told["value"]["counted"]] == ["e09", "e13"]
    assert told["risk"]["missing"] == "800"
    assert [step["kind"] for step in told["journal"]] == ["joined", "upgraded", "grace_started"]


def test_somebody_unknown_is_refused_with_a_guess() -> None:
    done = ziggurat("explain", CLUB, EVENTS, "--member", "adda", code=1)
    assert done.stderr == "--member: there are no events of 'adda' (did you mean \"ada\"?)\n"


def test_somebody_who_came_later_is_refused() -> None:
    done = ziggurat("explain", CLUB, EVENTS, "--member", "fay", "--as-of", "2024-01-01", code=1)
    assert done.stderr == "member 'fay' has no events up to 2024-01-01T00:00:00+01:00\n"
