"""`ziggurat translate` keeps its contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from tests.cli.running import CLUB, ziggurat
from ziggurat.cli.translate import translate
from ziggurat.http.face_translations import translators

DIALECTS = tuple(translators())


def test_every_dialect_that_is_served_is_a_choice() -> None:
    hints = get_type_hints(translate, localns={"Translation": None})
    assert sorted(get_args(hints["to"])) == sorted(DIALECTS)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_json_holds_payload_and_losses(dialect: str) -> None:
    found = json.loads(ziggurat("translate", CLUB, "--to", dialect, "--json").stdout)
    assert (found["program"], found["to"]) == ("Coffee Club", dialect)
    assert "Platinum" in json.dumps(found["payload"])
    assert found["losses"]
    assert all(set(loss) == {"path", "lost"} for loss in found["losses"])


def test_the_payload_is_followed_by_a_table_of_what_is_lost() -> None:
    text = ziggurat("translate", CLUB, "--to", "wix").stdout
    payload, rest = text.split("\n\n", 1)
    assert json.loads(payload)["tiers"][0]["requiredPoints"] == 500
    assert any(
        line.split(maxsplit=1) == ["expiration", "no tier is held there"] for line in map(str.strip, rest.splitlines())
    )
    assert rest.splitlines()[-1].endswith("parts lost.")


def test_numbers_are_written_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "fine.yaml").write_text(
        "name: Fine\nqualification: {measure: points_balance}\nbase_tier: Member\nexpiration: never\n"
        "tiers: [{name: Silver, from: 12345678901234.5678}]\n"
    )
    assert "12345678901234.5678" in ziggurat("translate", "fine.yaml", "--to", "capillary", cwd=tmp_path).stdout


def test_a_program_that_the_dialect_can_say_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "plain.yaml").write_text(
        "name: Plain\nqualification: {measure: points_balance}\nbase_tier: Member\nexpiration: never\n"
        "tiers: [{name: Silver, from: 500}]\n"
    )
    done = ziggurat("translate", "plain.yaml", "--to", "capillary", cwd=tmp_path)
    assert done.stdout.endswith("Nothing is lost.\n")


def test_a_program_that_is_none_is_refused_with_one(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: Club\nqualification: {mesure: spend}\ntiers: []\n")
    done = ziggurat("translate", "bad.yaml", "--to", "wix", cwd=tmp_path, code=1)
    assert "bad.yaml:2: qualification.mesure: " in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("words", [("--to", "salesforce"), ()])
def test_another_dialect_or_none_is_wrong_usage(words: tuple[str, ...]) -> None:
    done = ziggurat("translate", CLUB, *words, code=2)
    assert "--to" in done.stderr
    assert done.stderr.splitlines()[-1] == "See ziggurat translate --help"
