"""Two kills for each kind of database, of the many that script/crash makes: one while writing, one while activating."""

import pytest

from tests.crash.run import KINDS, run


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_acknowledged_is_lost_and_nothing_counts_twice(kind: str) -> None:
    tally = run(kind, 2, "share", 5_100)
    assert tally.differences == []
    assert tally.kills >= tally.rounds == 2
