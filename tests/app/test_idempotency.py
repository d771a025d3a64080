"""Requests with an idempotency key are answered once."""

from dataclasses import replace

import pytest

from ziggurat.app.access.claim_request import claim_request
from ziggurat.app.access.keep_answer import keep_answer
from ziggurat.app.access.release_request import release_request
from ziggurat.app.access.views import StoredAnswer
from ziggurat.app.context import Context
from ziggurat.app.errors import IdempotencyKeyReusedError, RequestInFlightError

SECOND = 1_000_000


def claim(context: Context, fingerprint: bytes = b"same") -> StoredAnswer | None:
    return claim_request(context, "k", fingerprint, context.now + 60 * SECOND, 10 * SECOND)


def test_the_second_request_gets_the_answer_to_the_first(context: Context, stranger: Context) -> None:
    assert claim(context) is None
    keep_answer(context, "k", 201, {"etag": '"1"'}, b"{}")
    assert claim(context) == StoredAnswer(201, {"etag": '"1"'}, b"{}")
    with pytest.raises(IdempotencyKeyReusedError):
        claim(context, b"other")
    assert claim(stranger) is None


def test_a_request_that_is_being_answered_is_waited_for_until_it_counts_as_abandoned(context: Context) -> None:
    assert claim(context) is None
    with pytest.raises(RequestInFlightError):
        claim(replace(context, now=context.now + 9 * SECOND))
    later = replace(context, now=context.now + 10 * SECOND)
    assert claim(later) is None
    with pytest.raises(RequestInFlightError):
        claim(replace(context, now=context.now + 19 * SECOND))


def test_a_key_given_up_or_expired_is_free_again(context: Context) -> None:
    assert claim(context) is None
    release_request(context, "k")
    assert claim(context, b"other") is None
    keep_answer(context, "k", 200, {}, b"")
    assert claim(replace(context, now=context.now + 60 * SECOND)) is None
