"""docs/program-document.md: every block loads, reads back, and every field is listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ziggurat.program import read, read_rules, read_tiers
from ziggurat.program.document_text import parse_text
from ziggurat.program.write import program_document

TEXT = (Path(__file__).parents[2] / "docs" / "program-document.md").read_text(encoding="utf-8")
WHOLE = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
PARTS = re.findall(r"^```yaml example\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def fields_of(chapter: str) -> list[str]:
    """The first column of the first table of `chapter`."""
    table = TEXT.split(f"\n## {chapter}\n", 1)[1].split("|---", 1)[1].split("\n\n", 1)[0]
    return re.findall(r"^\| `(\w+)`", table, re.MULTILINE)


@pytest.mark.parametrize("text", WHOLE, ids=range(len(WHOLE)))
def test_a_whole_program_loads_and_reads_back(text: str) -> None:
    program = read.load_program_text(text)
    assert read.read_program(program_document(program)) == program


@pytest.mark.parametrize("text", PARTS, ids=range(len(PARTS)))
def test_a_part_loads_in_a_program_that_says_the_rest(text: str) -> None:
    common = {"name": "Club", "qualification": {"measure": "points_earned"}, "tiers": [{"name": "Silver", "from": 500}]}
    program = read.read_program(common | parse_text(text).value)
    assert read.read_program(program_document(program)) == program


def test_every_field_is_listed_in_its_order() -> None:
    assert fields_of("Program") == list(read.KEYS)
    assert fields_of("Tiers") == list(read_tiers.KEYS)
    assert fields_of("Expiration") == list(read_rules.EXPIRATION_KEYS)
    assert fields_of("Qualification") == list(read_rules.QUALIFICATION_KEYS)
    assert fields_of("Renewal") == list(read_rules.RENEWAL_KEYS)
    assert fields_of("Downgrade") == list(read_rules.DOWNGRADE_KEYS)
