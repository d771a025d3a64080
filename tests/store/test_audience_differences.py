"""Who ought to join and to leave, found by arrays of numbers: the same as by sets, whether numbers lie close or far."""

from random import Random

import pytest

from tests.fuzz_audiences import make_profile
from ziggurat.program.read_audience_rules import read_rules
from ziggurat.store.database import Database
from ziggurat.store.repositories import memberships, profiles
from ziggurat.store.rows import write_rows
from ziggurat.store.scope import Scope
from ziggurat.store.tables import audience_members

RULES = read_rules([[{"field": "order_count", "operator": "greater_than", "values": [0]}]])


@pytest.mark.parametrize("span", [60, 5_000, 2**40])
@pytest.mark.parametrize(("ought_in", "there_in"), [(0.5, 0.5), (1, 0.9), (0, 1), (1, 0), (0, 0)])
def test_differences_are_those_of_the_sets(
    database: Database, scope: Scope, other_scope: Scope, span: int, ought_in: float, there_in: float
) -> None:
    random = Random(f"{span} {ought_in} {there_in}")
    people = sorted(random.sample(range(1, span), 50))
    ought = {one for one in people if random.random() < ought_in}
    there = {one for one in people if random.random() < there_in}
    rows = [make_profile(random, one)._replace(order_count=int(one in ought)) for one in people]
    with database.writing() as connection:
        for where, members in ((scope, there), (other_scope, set(people))):
            profiles.save(connection, where, rows)
            columns = ("audience_id", "member_id", "since")
            write_rows(connection, where, audience_members, columns, [(7, one, 0) for one in members])
            write_rows(connection, where, audience_members, columns, [(8, one, 0) for one in people])
    some = sorted(random.sample(people, 12))
    with database.reading() as connection:
        found = memberships.differences(connection, scope, 7, RULES, {})
        among = memberships.differences_among(connection, scope, 7, RULES, {}, some)
        nobody = memberships.differences_among(connection, scope, 7, RULES, {}, [])
    assert (found.joining, found.leaving) == (sorted(ought - there), sorted(there - ought))
    assert among.joining == sorted((ought - there) & set(some))
    assert among.leaving == sorted((there - ought) & set(some))
    assert (nobody.joining, nobody.leaving) == ([], [])
