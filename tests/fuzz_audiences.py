"""Compare the two evaluators of audience rules on many made-up pairs: `script/fuzz-audiences [PAIRS] [SEED]`.

Prints how many pairs were compared on each database, and stops at the first difference.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from random import Random
from typing import Any

from tests.strategies.audience_pools import (
    ATTRIBUTES,
    CODES,
    EMAILS,
    INSTANTS,
    KEYS,
    PATHS,
    PHRASES,
    SAID_INSTANTS,
    SAID_NUMBERS,
    UNITS,
)
from tests.support.postgres import postgres_server
from ziggurat.engine.audience_match import matches
from ziggurat.program.audience_fields import PROFILE_FIELDS, STANDING_FIELDS, FieldKind
from ziggurat.program.audience_rules import Operator
from ziggurat.program.open_values import attribute_value, flatten
from ziggurat.program.read_audience_rules import read_rules
from ziggurat.store.database import Database
from ziggurat.store.repositories import organizations, profiles, states
from ziggurat.store.repositories.profiles import Profile
from ziggurat.store.repositories.states import MemberState
from ziggurat.store.schema import migrate

MEMBERS = 250
"""Members that each set of rules is compared on."""


_POOLS: dict[FieldKind, Any] = {FieldKind.AMOUNT: UNITS, FieldKind.RANK: range(6), FieldKind.INSTANT: INSTANTS}


_NEITHER = ["attributes.score", "other.thing"]


def make_profile(random: Random, member_id: int) -> Profile:
    """A profile; about one optional value in four is missing."""
    values: dict[str, Any] = {"member_id": member_id, "changed_at": 0}
    for name, kind in PROFILE_FIELDS.items():
        values[name] = random.choice(_POOLS.get(kind, PHRASES))
    for name in ("email", "phone", "full_name", "status", "country", "region", "city", "enrolled_at", "last_order_at"):
        if random.random() < 0.25:
            values[name] = None
    if values["email"] is not None:
        values["email"] = random.choice(EMAILS)
    values["last_activity_at"] = values["last_order_at"]
    values["email_folded"] = None if values["email"] is None else values["email"].casefold()
    values["facts"] = flatten({key: _open_value(random) for key in random.sample(KEYS, 4)}, "metadata")
    if random.random() < 0.75:
        values["facts"] |= flatten({"score": attribute_value(random.choice(ATTRIBUTES))}, "attributes")
    return Profile(**values)


def _open_value(random: Random) -> Any:
    match random.randrange(6):
        case 0:
            return None
        case 1:
            return [_scalar(random) for _ in range(random.randrange(4))]
        case 2:
            return {"a": _scalar(random), "d": _scalar(random)}
        case _:
            return _scalar(random)


def _scalar(random: Random) -> Any:
    return random.choice([random.choice(PHRASES), random.choice(SAID_NUMBERS), random.random() < 0.5])


def make_state(random: Random, member_id: int) -> MemberState:
    """Where a member stands in program 1."""
    since, expires = random.choice([None, *INSTANTS]), random.choice([None, *INSTANTS])
    tier, value = random.choice([None, *CODES]), random.choice([None, *UNITS])
    return MemberState(member_id, 1, 0, tier, since, expires, None, None, value, 1, 0, 0, 0)


def make_rule(random: Random) -> dict[str, Any]:
    """A rule that can be read."""
    standings = [f"program.{program}.{name}" for program in ("prg_known", "prg_unknown") for name in STANDING_FIELDS]
    name = random.choice([*PROFILE_FIELDS, *(f"metadata.{path}" for path in PATHS), *standings, *_NEITHER])
    kind = PROFILE_FIELDS.get(name) or STANDING_FIELDS.get(name.rsplit(".", 1)[1], FieldKind.OPEN)
    if name.startswith(("metadata", "attributes", "other")):
        kind = FieldKind.OPEN
    textual = kind in (FieldKind.TEXT, FieldKind.FOLDED, FieldKind.OPEN)
    of_texts = (Operator.CONTAINS, Operator.NOT_CONTAINS)
    operator = random.choice([one for one in Operator if textual or one not in of_texts])
    match operator:
        case Operator.EXISTS | Operator.NOT_EXISTS:
            values: list[Any] = []
        case Operator.EQUALS | Operator.NOT_EQUALS:
            values = [random.choice([None, *(_said(random, kind) for _ in range(9))])]
        case Operator.IN | Operator.NOT_IN:
            values = [_said(random, kind) for _ in range(random.choice([1, 2, 5, 30]))]
        case Operator.CONTAINS | Operator.NOT_CONTAINS:
            values = [_said(random, kind)]
        case Operator.BETWEEN if kind is FieldKind.OPEN:
            pool: Any = SAID_NUMBERS if name in _NEITHER else random.choice([PHRASES, SAID_NUMBERS])
            values = [random.choice(pool), random.choice(pool)]
        case Operator.BETWEEN:
            values = [_said(random, kind), _said(random, kind)]
        case _:
            values = [random.choice([*PHRASES, *SAID_NUMBERS]) if kind is FieldKind.OPEN else _said(random, kind)]
    return {"field": name, "operator": str(operator), "values": values}


def _said(random: Random, kind: FieldKind) -> Any:
    match kind:
        case FieldKind.AMOUNT:
            number = random.choice([Decimal(random.choice(UNITS)).scaleb(-4), random.choice(SAID_NUMBERS)])
            return random.choice([number, str(number)])
        case FieldKind.RANK:
            return random.choice([random.randrange(6), random.choice(SAID_NUMBERS)])
        case FieldKind.INSTANT:
            return random.choice(SAID_INSTANTS)
        case FieldKind.OPEN:
            return _scalar(random)
        case FieldKind.FOLDED:
            return random.choice(EMAILS)
        case _:
            return random.choice(PHRASES)


def make_rules(random: Random) -> list[list[dict[str, Any]]]:
    """A set of rules: mostly one group of one or two, so that about half of the members satisfy it."""
    return [[make_rule(random) for _ in range(random.choice([1, 1, 2]))] for _ in range(random.choice([1, 1, 2, 3]))]


def compare(database: Database, pairs: int, seed: int) -> tuple[int, int]:
    """Compare `pairs` of them; how many were compared, and in how many the rules held.

    Raises:
        AssertionError: the evaluators differ; says rules and member.
    """
    random = Random(seed)
    done = held = 0
    with database.writing() as connection:
        scope = organizations.create(connection, f"Fuzz {seed}", created_at=0).scope
        people = [make_profile(random, number) for number in range(MEMBERS)]
        standings = {number: make_state(random, number) for number in range(0, MEMBERS, 2)}
        profiles.save(connection, scope, people)
        states.save(connection, scope, list(standings.values()), generation=0)
    facts = [
        profiles.facts_of(one, {"prg_known": standings[one.member_id]} if one.member_id in standings else {})
        for one in people
    ]
    while done < pairs:
        said = make_rules(random)
        rules = read_rules(said)
        expected = [number for number, known in enumerate(facts) if matches(rules, known)]
        with database.reading() as connection:
            found = profiles.matching_ids(connection, scope, rules, {"prg_known": 1})
        different = sorted(set(expected) ^ set(found))
        assert not different, f"{said} on {facts[different[0]]}: in memory {different[0] in expected}"
        done += MEMBERS
        held += len(expected)
    return done, held


@contextmanager
def databases() -> Iterator[dict[str, Database]]:
    """Both of them, new and migrated."""
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        opened = {
            "SQLite": Database(f"sqlite:///{folder}/fuzz.db", synchronous="OFF"),
            "PostgreSQL": Database(server.url_of(server.create())),
        }
        for database in opened.values():
            migrate(database)
        yield opened
        for database in opened.values():
            database.dispose()


def main() -> None:
    """Compare, on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=int, nargs="?", default=100_000)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    asked = parser.parse_args()
    with databases() as opened:
        for name, database in opened.items():
            done, held = compare(database, asked.pairs, asked.seed)
            print(f"{name}: {done:,} pairs of rules and members, {held:,} match, no difference (seed {asked.seed})")


if __name__ == "__main__":
    main()
