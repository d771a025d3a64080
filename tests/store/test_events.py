"""An event is in the ledger once, whoever sends it how often and beside whom."""

import threading
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store import histories as made
from ziggurat.program.events import Event, EventType, OverrideMode
from ziggurat.store import tables
from ziggurat.store.database import Database
from ziggurat.store.event_rows import content_hash
from ziggurat.store.repositories import events, members
from ziggurat.store.repositories.events import Arrival, Receipt, Verdict
from ziggurat.store.scope import Scope

EARNED = Event("ann", EventType.POINTS_EARNED, 5, id="e1", points=10)


def insert(database: Database, scope: Scope, *batch: Event) -> list[Receipt]:
    with database.writing() as connection:
        known = members.ensure(connection, scope, {event.member for event in batch}, created_at=0)
        return events.insert(connection, scope, [Arrival(known[event.member].id, event) for event in batch], 77)


def verdicts(receipts: list[Receipt]) -> list[Verdict]:
    return [receipt.verdict for receipt in receipts]


def test_the_same_event_again_is_a_duplicate_and_another_one_under_its_id_a_conflict(
    database: Database, scope: Scope
) -> None:
    other = replace(EARNED, points=11)
    first = insert(database, scope, EARNED)
    assert verdicts(first) == [Verdict.ACCEPTED]
    again = insert(database, scope, EARNED, other, replace(EARNED, id="e2"))
    assert verdicts(again) == [Verdict.DUPLICATE, Verdict.CONFLICT, Verdict.ACCEPTED]
    assert again[0].sequence == again[1].sequence == first[0].sequence


def test_twins_within_one_batch_are_told_apart_like_those_of_two(database: Database, scope: Scope) -> None:
    receipts = insert(database, scope, EARNED, EARNED, replace(EARNED, points=11))
    assert verdicts(receipts) == [Verdict.ACCEPTED, Verdict.DUPLICATE, Verdict.CONFLICT]


def test_the_same_id_for_another_member_is_a_conflict(database: Database, scope: Scope) -> None:
    insert(database, scope, EARNED)
    assert verdicts(insert(database, scope, replace(EARNED, member="bob"))) == [Verdict.CONFLICT]


def test_events_without_an_id_are_never_duplicates(database: Database, scope: Scope) -> None:
    nameless = replace(EARNED, id="")
    assert verdicts(insert(database, scope, nameless, nameless)) == [Verdict.ACCEPTED] * 2
    with database.reading() as connection:
        assert events.count(connection, scope) == 2


def test_the_same_id_in_another_organization_is_another_event(
    database: Database, scope: Scope, other_scope: Scope
) -> None:
    insert(database, scope, EARNED)
    assert verdicts(insert(database, other_scope, EARNED)) == [Verdict.ACCEPTED]


def test_whatever_characters_an_id_has_it_is_kept_as_it_is(database: Database, scope: Scope) -> None:
    odd = ["NULL", 'say "b"', "back\\slash", '\\"', "{a,b}", "a,b", "'", " ", "\n", "é’日本", "\\\\x6162"]
    insert(database, scope, *[replace(EARNED, id=id_, activity=id_) for id_ in odd])
    with database.reading() as connection:
        assert events.known(connection, scope, odd).keys() == set(odd)
        assert sorted(row.event.activity for row in events.everything(connection, scope)) == sorted(odd)


def test_two_writers_of_the_same_events_at_once_store_each_once(database: Database, scope: Scope) -> None:
    batch = [Event(f"m{n % 5}", EventType.POINTS_EARNED, n, id=f"e{n}", points=n) for n in range(60)]
    answers: list[list[Receipt]] = []

    def send(part: list[Event]) -> None:
        answers.append(insert(database, scope, *part))

    threads = [threading.Thread(target=send, args=[part]) for part in (batch, batch[::-1], batch[::2], batch[1::2])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [verdict for answer in answers for verdict in verdicts(answer)]
    assert (told.count(Verdict.ACCEPTED), told.count(Verdict.DUPLICATE)) == (60, 120)
    with database.reading() as connection:
        assert events.count(connection, scope) == 60


FIELDS = {
    "member": "other",
    "type": EventType.POINTS_SPENT,
    "occurred_at": 6,
    "points": None,
    "amount": 0,
    "quantity": 1,
    "currency": "EUR",
    "qualifying": False,
    "reverses": "x",
    "activity": "visit",
    "attribute": "a",
    "tier": "Gold",
    "mode": OverrideMode.FLOOR,
    "until": 0,
    "reason": "why",
}


@given(fields=st.sets(st.sampled_from(sorted(FIELDS)), min_size=1))
def test_events_that_say_different_things_have_different_hashes(fields: set[str]) -> None:
    changed = replace(EARNED, **{name: FIELDS[name] for name in fields})  # type: ignore[arg-type]
    assert content_hash(changed) != content_hash(EARNED)
    assert content_hash(replace(changed, id="another id")) == content_hash(changed)


def test_the_content_hash_of_an_event_never_changes_from_version_to_version() -> None:
    assert content_hash(EARNED).hex() == "b00f8e1baf775fab41baf35af84fdfb1"


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=made.events)
def test_the_ledger_gives_back_exactly_what_was_inserted(database: Database, scope: Scope, said: Event) -> None:
    event = replace(said, id=f"id of {said!r}", reverses="what it reverses", attribute=said.attribute or "some")
    insert(database, scope, event)
    with database.reading() as connection:
        row = next(row for row in events.everything(connection, scope) if row.event.id == event.id)
        assert row.event == event
        assert row in events.of_members(connection, scope, [row.member_id])[row.member_id]
        assert row in events.page(connection, scope, row.member_id, event.member, limit=10_000)
        key = (event.occurred_at, row.sequence)
        found = events.by_sequences(connection, scope, [row.member_id], [key], event.member)
        assert found == {row.sequence: row}
        known = events.known(connection, scope, [event.id])[event.id]
    assert (known.member_id, known.sequence, known.content_hash) == (row.member_id, row.sequence, content_hash(event))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 7), newest_first=st.booleans())
def test_pages_of_a_members_events_join_to_all_of_them_in_order(
    database: Database, scope: Scope, limit: int, newest_first: bool
) -> None:
    insert(database, scope, *(Event("ann", EventType.ACTIVITY, n // 3, id=f"e{n}") for n in range(20)))
    with database.reading() as connection:
        member = members.get(connection, scope, "ann")
        assert member is not None
        seen: list[tuple[int, int]] = []
        while page := events.page(
            connection,
            scope,
            member.id,
            "ann",
            after=seen[-1] if seen else None,
            newest_first=newest_first,
            limit=limit,
        ):
            assert len(page) <= limit
            seen += [(row.event.occurred_at, row.sequence) for row in page]
    assert seen == sorted(seen, reverse=newest_first)
    assert len(seen) == 20


def test_a_redacted_member_keeps_amounts_and_nothing_that_tells_who_it_was(database: Database, scope: Scope) -> None:
    secret = [
        replace(EARNED, id="mail-ann@example.com", reason="birthday of Ann"),
        Event("ann", EventType.ATTRIBUTE_SET, 6, id="a1", attribute="city", value="Paris"),
        Event("ann", EventType.ATTRIBUTE_SET, 7, id="a2", attribute="score", value="12.5"),
        Event("ann", EventType.REVERSAL, 8, id="a3", reverses="mail-ann@example.com"),
    ]
    insert(database, scope, *secret)
    with database.writing() as connection:
        ann = members.ensure(connection, scope, ["ann"], created_at=0)["ann"]
        before = events.of_members(connection, scope, [ann.id])[ann.id]
        assert events.redact(connection, scope, ann.id, b"a salt") == 4
        members.save(connection, scope, ann._replace(external_id="erased:1", attributes={}, erased_at=9))
        after = events.of_members(connection, scope, [ann.id])[ann.id]
        stored = str(connection.execute(scope.select(tables.events)).all())
        assert events.known(connection, scope, [event.id for event in secret]) == {}
    assert [row.event.points for row in after] == [row.event.points for row in before]
    assert [row.sequence for row in after] == [row.sequence for row in before]
    assert [row.event.value for row in after] == ["", "", "12.5", ""]
    assert after[3].event.reverses == after[0].event.id
    assert not any(word in stored for word in ("ann@", "birthday", "Paris"))
