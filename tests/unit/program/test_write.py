"""What is written reads back as the same program, in every form."""

import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from tests.strategies.programs import programs
from ziggurat.program.model import Program
from ziggurat.program.read import KEYS, load_program_text, read_program
from ziggurat.program.write import program_document, program_yaml

thorough = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(programs(decorated=True))
def test_a_document_reads_back_as_the_same_program(program: Program) -> None:
    assert read_program(program_document(program)) == program


@thorough
@given(programs(decorated=True))
def test_json_text_reads_back_as_the_same_program(program: Program) -> None:
    assert load_program_text(json.dumps(program_document(program))) == program
    assert load_program_text(json.dumps(program_document(program), ensure_ascii=False, indent="\t")) == program


@thorough
@given(programs(decorated=True))
def test_yaml_text_reads_back_as_the_same_program(program: Program) -> None:
    assert load_program_text(program_yaml(program)) == program


@thorough
@given(programs())
def test_keys_are_written_in_the_order_of_the_reference(program: Program) -> None:
    keys = list(program_document(program))
    assert keys == sorted(keys, key=KEYS.index)


def with_threshold(threshold: str) -> Program:
    return load_program_text(f"{{name: P, qualification: {{measure: spend}}, tiers: [{{name: A, from: {threshold}}}]}}")


@pytest.mark.parametrize(
    ("written", "in_json"),
    [
        ("500", 500),
        ("500.00", 500),
        ("5e2", 500),
        ("0.1", 0.1),
        ("123456789012.345", 123456789012.345),
        ("12345678901234.123456789012", "12345678901234.123456789012"),
        ("99999999999999", 99999999999999),
        ("-0.5", -0.5),
    ],
)
def test_thresholds_are_json_numbers_where_those_are_exact(written: str, in_json: object) -> None:
    program = with_threshold(written)
    said = program_document(program)["tiers"][0]["from"]
    assert said == in_json
    assert type(said) is type(in_json)
    assert read_program(program_document(program)).tiers[0].start == Decimal(written)


def test_what_is_the_default_is_not_written() -> None:
    program = with_threshold("1")
    assert program_document(program) == {
        "edition": 1,
        "name": "P",
        "qualification": {"measure": "spend"},
        "tiers": [{"name": "A", "from": 1}],
    }
