"""The evaluator in the database and the one in memory agree on every rule and every member, on both databases."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz_audiences import compare
from tests.strategies.audiences import profiles, rule_sets, states
from ziggurat.engine.audience_match import matches
from ziggurat.program.audience_rules import RuleSet
from ziggurat.store.database import Database
from ziggurat.store.repositories import profiles as repository
from ziggurat.store.repositories import states as state_rows
from ziggurat.store.repositories.profiles import Profile
from ziggurat.store.repositories.states import MemberState
from ziggurat.store.scope import Scope

NUMBERS = {"prg_known": 1}


@given(
    members=st.lists(st.tuples(profiles(), states()), min_size=1, max_size=6),
    asked=st.lists(rule_sets(), min_size=1, max_size=8),
)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_both_evaluators_agree(
    database: Database,
    scope: Scope,
    other_scope: Scope,
    members: list[tuple[Profile, MemberState | None]],
    asked: list[RuleSet],
) -> None:
    numbered = [
        (profile._replace(member_id=number), state and state._replace(member_id=number))
        for number, (profile, state) in enumerate(members)
    ]
    with database.writing() as connection:
        repository.delete(connection, scope, range(20))
        state_rows.delete(connection, scope, range(20))
        repository.save(connection, scope, [profile for profile, _ in numbered])
        repository.save(connection, other_scope, [profile for profile, _ in numbered])
        state_rows.save(connection, scope, [state for _, state in numbered if state is not None], generation=0)
        kept = repository.by_ids(connection, scope, range(len(numbered)))
        assert list(kept.values()) == [profile for profile, _ in numbered]
        for rules in asked:
            expected = [
                profile.member_id
                for profile, state in numbered
                if matches(rules, repository.facts_of(profile, {"prg_known": state} if state else {}))
            ]
            assert repository.matching_ids(connection, scope, rules, NUMBERS) == expected
            assert repository.count_matching(connection, scope, rules, NUMBERS) == len(expected)


def test_both_evaluators_agree_on_a_hundred_thousand_pairs(database: Database) -> None:
    compared, held = compare(database, 100_000, seed=2)
    assert compared >= 100_000
    assert held > compared // 10
