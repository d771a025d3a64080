"""`ziggurat check` keeps its contract."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import CLUB, ziggurat


def test_a_sound_program_is_shown_as_a_ladder() -> None:
    text = ziggurat("check", CLUB).stdout
    assert text.startswith("Coffee Club counts points earned in the last 12 months (edition 1, Europe/Paris).")
    assert [line.split()[0] for line in text.splitlines() if "held for" in line] == ["Platinum", "Gold", "Silver"]
    assert text.endswith("No warnings.\n")


def test_json_holds_ladder_and_warnings(tmp_path: Path) -> None:
    odd = tmp_path / "odd.yaml"
    odd.write_text(CLUB.read_text() + "renewal: always\n")
    found = json.loads(ziggurat("check", odd, "--json").stdout)
    assert [tier["name"] for tier in found["ladder"]] == ["Platinum", "Gold", "Silver", "Member"]
    assert found["ladder"][0]["start"] == "10000"
    assert [warning["path"] for warning in found["warnings"]] == ["renewal"]


def test_every_fault_is_listed_with_its_line_and_path(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(
        "name: Club\nqualification: {mesure: spend}\ntiers:\n  - {name: A, from: 5}\n  - {name: B, from: 3}\n"
    )
    done = ziggurat("check", "bad.yaml", cwd=tmp_path, code=1)
    lines = done.stderr.splitlines()
    assert any(line.startswith("bad.yaml:2: qualification.mesure: ") and '"measure"' in line for line in lines)
    assert any(line.startswith("bad.yaml:5: tiers[1].from: ") for line in lines)
    assert done.stdout == ""


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_bytes(b"name: \xff\xfe")
    assert "bad.yaml: is not UTF-8 text" in ziggurat("check", "bad.yaml", cwd=tmp_path, code=1).stderr
    assert "is a folder" in ziggurat("check", tmp_path, code=1).stderr
