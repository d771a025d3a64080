"""Rate limits: a bucket for each key, refilled steadily; off unless a limit is set.

Buckets live in the process: with several processes each allows the limit. Answers say what is left in the `RateLimit`
and `RateLimit-Policy` headers.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from ziggurat.http.problems import Refusal

_WINDOW_SECONDS = 60
_BUCKETS_MAX = 100_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: int


class RateLimiter:
    """At most `per_minute` requests a minute for each key; 0 is no limit."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, now: int) -> Mapping[str, str]:
        """Count a request of `key` at `now` (UTC microseconds); the headers that say what is left.

        Raises:
            Refusal: `rate_limited`, with `Retry-After`.
        """
        if not self.per_minute:
            return {}
        per_second = self.per_minute / _WINDOW_SECONDS
        with self._lock:
            bucket = self._buckets.pop(key, None) or _Bucket(self.per_minute, now)
            passed = max(0, now - bucket.at) / 1_000_000
            bucket.tokens = min(self.per_minute, bucket.tokens + passed * per_second)
            bucket.at = now
            allowed = bucket.tokens >= 1
            bucket.tokens -= allowed
            self._buckets[key] = bucket
            if len(self._buckets) > _BUCKETS_MAX:
                self._buckets.popitem(last=False)
            left = int(bucket.tokens)
            wait = 0.0 if left else (1 - bucket.tokens) / per_second
        headers = {
            "ratelimit-policy": f'"key";q={self.per_minute};w={_WINDOW_SECONDS}',
            "ratelimit": f'"key";r={left};t={int(wait) + (wait > int(wait))}',
        }
        if not allowed:
            raise Refusal("rate_limited", headers={**headers, "retry-after": str(max(1, int(wait) + 1))})
        return headers
