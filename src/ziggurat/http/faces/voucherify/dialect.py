"""The two dialects of the vendor's v2 API: same paths, other words. A mount speaks one of them, never both."""

from __future__ import annotations

from enum import StrEnum

FACE = "voucherify"
"""The key under which programs and tiers keep what only this vendor says."""


class Dialect(StrEnum):
    """Which words are read and written.

    `SEED` is the page the vendor showed until July 2026, `NEWER` what is in force since August 2026.
    """

    SEED = "seed"
    NEWER = "newer"

    @property
    def tiers_max(self) -> int:
        """Tiers that one structure may have."""
        return 10 if self is Dialect.SEED else 100
