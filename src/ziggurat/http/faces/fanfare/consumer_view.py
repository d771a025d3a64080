"""Members as the vendor's consumers. A consumer's id is ours to give: see `members_of`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ziggurat.app.audience_views import ProfileView
from ziggurat.app.context import Context


def show_consumers(context: Context, profiles: Sequence[ProfileView]) -> list[dict[str, Any]]:  # noqa: ARG001
    """Those members as `Consumer` objects."""
    return [{"id": profile.member} for profile in profiles]


def members_of(context: Context, consumer_ids: Sequence[str]) -> list[str | None]:  # noqa: ARG001
    """The ids of the members that those consumers are, None for what is no consumer's id."""
    return list(consumer_ids)
