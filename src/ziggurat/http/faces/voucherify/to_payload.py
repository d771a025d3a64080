"""A program as the requests that would make it at the vendor's, for `ziggurat translate`."""

from __future__ import annotations

from typing import Any

from ziggurat.http.face_support.losses import Loss
from ziggurat.http.faces.voucherify.cards import LEDGER
from ziggurat.http.faces.voucherify.dialect import Dialect
from ziggurat.http.faces.voucherify.kept import kept, own_metadata
from ziggurat.http.faces.voucherify.translate_structures import losses_of, show_settings
from ziggurat.http.faces.voucherify.translate_tiers import show_rules, shown_tiers
from ziggurat.program.model import DowngradeType, Program


def to_payload(program: Program, dialect: Dialect = Dialect.SEED) -> tuple[dict[str, Any], list[Loss]]:
    """`{"tier_structure": ..., "tiers": [...]}`, the bodies of the requests that make them, and what they leave out."""
    card = str(kept(program.metadata).get("card_definition_id", LEDGER))
    structure = {"name": program.name, **show_settings(program, card, dialect, [])}
    tiers = [
        {
            "name": tier.name,
            "qualification_rules": show_rules(program, tier, dialect, []),
            "downgrade": {
                "type": "NO_DOWNGRADE"
                if tier.downgrade is not None and tier.downgrade.type is DowngradeType.NEVER
                else "INHERIT"
            },
            "metadata": own_metadata(tier.metadata),
        }
        for tier in shown_tiers(program)
    ]
    return {"tier_structure": structure, "tiers": tiers}, losses_of(program, dialect)
