"""The demo reads real shopping and adds up."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx2
import polars as pl
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.cli.running import ziggurat
from ziggurat.bulk.event_table import EventTable
from ziggurat.bulk.read_events import read_events
from ziggurat.bulk.replay import Engine, latest, replay
from ziggurat.cli.demo import KINDS, example, flows
from ziggurat.demo.shopping import demo_program, read_shopping, transactions_file
from ziggurat.program.check import warnings
from ziggurat.program.model import Revision


@pytest.fixture(scope="module")
def table() -> EventTable:
    return read_events(read_shopping())[0]


def test_every_basket_is_one_event_and_no_cent_is_lost(table: EventTable) -> None:
    assert (len(table), len(table.members)) == (155_848, 2_469)
    assert table.amount is not None
    lines = pq.read_table(transactions_file(), columns=["sales_value"])["sales_value"]
    cents = pc.sum(pc.round(pc.multiply(lines, 100)).cast("int64")).as_py()
    assert int(table.amount.sum()) == 100 * cents


def test_the_times_of_the_file_are_utc_of_shops_in_new_york() -> None:
    """Its weeks change at local midnight, summer and winter."""
    local = pl.col("transaction_timestamp").dt.replace_time_zone("UTC").dt.convert_time_zone("America/New_York")
    weeks = (
        pl.scan_parquet(transactions_file())
        .filter(pl.col("week").is_between(2, 52))
        .group_by("week")
        .agg(local.min().dt.weekday().alias("first"), local.max().dt.weekday().alias("last"))
        .collect()
    )
    assert len(weeks) == 51
    assert set(weeks["first"]) == {1}
    assert set(weeks["last"]) == {7}


def test_the_program_is_sound() -> None:
    assert warnings(demo_program()) == []


def test_it_shows_ladder_flows_one_household_and_the_time() -> None:
    text = ziggurat("demo", "--no-serve").stdout
    ladder = dict(re.findall(r"^(Platinum|Gold|Silver|Member) +([\d,]+) +[\d.]+%", text, re.MULTILINE))
    assert sum(int(count.replace(",", "")) for count in ladder.values()) == 2_469
    months = re.findall(r"^(2017-\d\d) +([\d,]+)", text, re.MULTILINE)
    assert len(months) == 12
    assert sum(int(joined.replace(",", "")) for _, joined in months) == 2_469
    assert "How it came to this" in text
    assert "events evaluated in" in text


def test_without_its_data_it_says_what_to_install() -> None:
    code = (
        "import importlib.util as u, ziggurat.demo.shopping as s, ziggurat.cli.main as m, sys\n"
        "s.find_spec = lambda name: None\n"
        "sys.exit(m.main(['demo', '--no-serve']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "the demo's data is not installed (pip install 'ziggurat[demo]', or run script/demo)\n"


@pytest.mark.slow
def test_the_engines_agree_on_a_year_of_real_shopping(table: EventTable) -> None:
    revisions = [Revision(demo_program())]
    local = replay(revisions, table, latest(table), Engine.LOCAL)
    reference = replay(revisions, table, latest(table), Engine.REFERENCE)
    assert local.tiers.to_pylist() == reference.tiers.to_pylist()
    assert local.transitions.to_pylist() == reference.transitions.to_pylist()
    moves = flows(reference, "America/New_York")
    assert sum(sum(kinds.values()) for kinds in moves.values()) == reference.transitions.num_rows
    assert {kind for kinds in moves.values() for kind in kinds} == set(KINDS) - {"left"}
    assert example(reference, table) in table.members.to_pylist()


@pytest.mark.slow
def test_it_serves_the_data_which_it_loads_once(tmp_path: Path) -> None:
    for number, said in enumerate(["155,848 events taken in.", "0 events taken in; 155,848 were there"]):
        words = ["demo", "--port", "0", "--database", f"sqlite:///{tmp_path / 'demo.db'}"]
        with subprocess.Popen([sys.executable, "-m", "ziggurat", *words], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            text = ""
            while not (found := re.search(r"listens on (http://\S+)", text)):
                line = process.stdout.readline()
                assert line, text
                text += line
            secret = re.findall(r"^  (zig_\S+)$", text, re.MULTILINE)[0]
            headers = {"authorization": f"Bearer {secret}"}
            with httpx2.Client(base_url=f"{found[1]}/v1", headers=headers, timeout=60, trust_env=False) as client:
                (program,) = client.get("/programs").json()["items"]
                tiers = client.get(f"/programs/{program['id']}/tiers").json()["items"]
                assert sum(tier["members"] for tier in tiers) == 2_469
                event = {"id": f"b{number}", "member": "1", "type": "order.placed", "amount": 5}
                event["occurred_at"] = "2017-12-31T23:00:00Z"
                assert client.post("/events", json=event).json()["counts"]["accepted"] == 1
            process.terminate()
        assert said in text
