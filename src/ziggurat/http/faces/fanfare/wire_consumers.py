"""Consumers as they are read and answered."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Consumer(BaseModel):
    """Somebody who buys."""

    model_config = ConfigDict(extra="allow")

    id: str
