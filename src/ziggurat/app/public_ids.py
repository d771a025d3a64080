"""Ids and secrets that the outside world sees: random, so that they say nothing."""

from __future__ import annotations

from secrets import token_hex, token_urlsafe


def new_id(prefix: str) -> str:
    """A new id such as `prg_3f9c...`: 64 random bits."""
    return f"{prefix}_{token_hex(8)}"


def new_secret() -> str:
    """A new API secret: 256 random bits."""
    return f"zig_{token_urlsafe(32)}"
