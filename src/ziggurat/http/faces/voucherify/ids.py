"""The vendor's ids: `PREFIX_` and hexadecimal digits. What was made elsewhere has one that follows from its name."""

from __future__ import annotations

import re
import secrets
from hashlib import sha256

_DIGITS = 18
_CUSTOMER = "cust_"
_ID = re.compile(r"([a-z]+)_[a-f0-9]+")


def new_id(prefix: str) -> str:
    """A new id such as `lts_0a1b...`."""
    return f"{prefix}_{secrets.token_hex(_DIGITS // 2)}"


def derived_id(prefix: str, *parts: str) -> str:
    """The id that follows from `parts`.

    >>> derived_id("lt", "prg_1", "Gold") == derived_id("lt", "prg_1", "Gold")
    True
    """
    digest = sha256("\n".join((prefix, *(f"{len(part)}:{part}" for part in parts))).encode()).hexdigest()
    return f"{prefix}_{digest[:_DIGITS]}"


def is_id(prefix: str, text: str) -> bool:
    """Whether `text` has the form of such an id.

    >>> is_id("lt", "lt_0f"), is_id("lt", "lts_0f")
    (True, False)
    """
    found = _ID.fullmatch(text)
    return found is not None and found[1] == prefix


def structure_id(program: str) -> str:
    """The tier structure that the program with that public id is."""
    return program if is_id("lts", program) else derived_id("lts", program)


def tier_id(program: str, key: str) -> str:
    """The id of the tier with that key of a program."""
    return key if is_id("lt", key) else derived_id("lt", program, key)


def customer_id(member: str) -> str:
    """The customer that a member is.

    >>> customer_id("alice"), customer_id("cust_8JE7a")
    ('cust_616c696365', 'cust_8JE7a')
    """
    return member if re.fullmatch(r"cust_[a-zA-Z0-9]+", member) else _CUSTOMER + member.encode().hex()


def member_names(customer: str) -> tuple[str, ...]:
    """The members that a customer id may mean, likeliest first.

    >>> member_names("cust_616c696365"), member_names("cust_8JE7a")
    (('cust_616c696365', 'alice'), ('cust_8JE7a',))
    """
    digits = customer.removeprefix(_CUSTOMER)
    try:
        name = bytes.fromhex(digits).decode()
    except ValueError:
        return (customer,)
    return (customer, name) if name and customer_id(name) == customer else (customer,)
