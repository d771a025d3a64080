"""Answers kept word for word in files beside the tests.

`ZIGGURAT_RENEW_GOLDEN=1 script/test http -k golden` writes them anew; read the difference before you commit it.
"""

import json
import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

RENEW = "ZIGGURAT_RENEW_GOLDEN" in os.environ


class Names:
    """Names for what is different in every run, in the order in which it appears.

    Args:
        patterns: of ids within texts.
        fields: whose numbers are ids.
    """

    def __init__(self, *patterns: str, fields: Collection[str] = ()) -> None:
        self._pattern = re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
        self._fields = fields
        self._known: dict[str, str] = {}

    def said(self, value: Any) -> Any:
        """`value` with names."""
        if isinstance(value, dict):
            return {key: self._name(each) if self._is_id(key, each) else self.said(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.said(each) for each in value]
        if isinstance(value, str):
            return self._pattern.sub(lambda found: self._name(found.group()), value)
        return value

    def _is_id(self, field: str, value: Any) -> bool:
        return field in self._fields and isinstance(value, int)

    def _name(self, found: Any) -> str:
        return self._known.setdefault(str(found), f"<{len(self._known) + 1}>")


def is_golden(file: Path, value: Any) -> bool:
    """Whether `file` holds exactly `value`; writes it when it is to be renewed."""
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    if RENEW:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text, file.name
    return True
