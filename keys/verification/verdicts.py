"""Verifies keys for the programs that ask: whether one is good now, of whom it is, and if not, why.

Strict: every answer is what the database says at that moment, in one query that also carries every
reason to refuse, so that revoking, expiry, archiving and suspension hold from the next request on.
With KEY_CACHE_SECONDS above 0 a worker may remember an answer for that long, see keys/verification/cache.py.
"""

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.crypto.peppers import peppers
from accounts.enums import OrganizationState
from keys.enums import Code
from keys.formats import digest, is_api_key, is_credential
from keys.verification.cache import Memory
from keys.verification.last_used import CREDENTIAL_USES, KEY_USES
from keys.verification.prepared import one_row, placed, vendor

# In this order: what is final comes before what can be undone.
CODE = f"""CASE
    WHEN s.id IS NULL THEN '{Code.NOT_FOUND}'
    WHEN k.revoked_at IS NOT NULL OR s.ends_at <= ? THEN '{Code.REVOKED}'
    WHEN k.expires_at <= ? THEN '{Code.EXPIRED}'
    WHEN o.state <> '{OrganizationState.ACTIVE}' THEN '{Code.ORGANIZATION_SUSPENDED}'
    WHEN p.archived_at IS NOT NULL THEN '{Code.PROJECT_ARCHIVED}'
    ELSE '{Code.VALID}' END"""
# A row also when there is no such secret: refusing an unknown key takes as long as refusing another.
FOUND = """LEFT JOIN keys_keysecret s ON s.mac IN ({macs})
    LEFT JOIN keys_apikey k ON k.id = s.api_key_id
    LEFT JOIN projects_project p ON p.id = k.project_id
    LEFT JOIN accounts_organization o ON o.id = p.organization_id"""
# Written by the database: its driver would make an object of the time, to be written again.
RFC_3339 = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%SZ', k.expires_at)",
    "postgresql": """to_char(k.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""",
}
KNOWN = "k.public_id, k.name, p.public_id, p.slug, o.public_id"

ALONE = "SELECT {columns} FROM (SELECT 1) asked {found}"
CALLER = """SELECT c.id, c.pepper_id FROM keys_servicecredential c
    WHERE c.mac IN ({macs}) AND c.revoked_at IS NULL"""
ASKED = """SELECT {columns}, c.id, c.pepper_id FROM keys_servicecredential c {found}
    WHERE c.mac IN ({macs}) AND c.revoked_at IS NULL"""


class Verdict(NamedTuple):
    """What a key is worth now. All but `code` is empty when nothing is known of it.

    `expires_at` is RFC 3339 in UTC, None for a key without an end. `secret` is the primary key of the
    secret it was, `pepper_id` the pepper that one is stored under.
    """

    code: Code
    secret: int = 0
    pepper_id: str = ""
    key_id: str = ""
    key_name: str = ""
    project_id: str = ""
    project_slug: str = ""
    organization_id: str = ""
    expires_at: str | None = None

    @property
    def is_valid(self) -> bool:
        return self.code is Code.VALID


MALFORMED, NOT_FOUND = Verdict(Code.MALFORMED), Verdict(Code.NOT_FOUND)


class Verdicts:
    """What is remembered of keys: those there are apart from misses, so that junk evicts nothing."""

    def __init__(self) -> None:
        self.known: Memory[Verdict] = Memory(100_000)
        self.misses: Memory[Verdict] = Memory(10_000)

    def recall(self, mac: bytes) -> Verdict | None:
        return self.known.recall(mac) or self.misses.recall(mac)

    def keep(self, mac: bytes, verdict: Verdict) -> None:
        (self.misses if verdict.code is Code.NOT_FOUND else self.known).keep(mac, verdict)


VERDICTS = Verdicts()
CALLERS: Memory[bool] = Memory(1_000)


@functools.cache
def statement(form: str, number: int) -> str:
    """One of the three queries, for the database there is and with `number` peppers known."""
    macs = ", ".join("?" * number)
    columns = f"s.id, {CODE}, s.pepper_id, {KNOWN}, {RFC_3339[vendor()]}"
    return placed(form.format(columns=columns, found=FOUND.format(macs=macs), macs=macs))


def asked(form: str, parameters: Sequence[str | bytes], number: int) -> tuple[Any, ...] | None:
    return one_row(statement(form, number), parameters)


def macs_of(secret: str) -> list[bytes]:
    """What the secret may be stored as; the first is under the present pepper."""
    return [digest(secret, pepper) for pepper in peppers()]


def moment() -> str:
    """Now, in the form in which Django stores times on that database."""
    now = timezone.now()
    return str(now if vendor() == "postgresql" else now.replace(tzinfo=None))


def verified(key: str) -> Verdict:
    """What `key` is worth now. No query when its checksum is wrong."""
    if not is_api_key(key):
        return MALFORMED
    macs = macs_of(key)
    verdict = VERDICTS.recall(macs[0])
    if verdict is None:
        now = moment()
        verdict = judged(macs[0], asked(ALONE, [now, now, *macs], len(macs)))
    return used(verdict, macs[0])


def verified_for(credential: str, key: str) -> Verdict | None:
    """The same for a program with that service credential; None when that one is not good now.

    One query for both; with a wrong checksum of the key it is for the credential alone.
    """
    if not is_credential(credential):
        return None
    own = macs_of(credential)
    if not is_api_key(key):
        return MALFORMED if is_caller(own) else None
    macs = macs_of(key)
    if CALLERS.recall(own[0]) and (verdict := VERDICTS.recall(macs[0])):
        return used(verdict, macs[0])
    now = moment()
    row = asked(ASKED, [now, now, *macs, *own], len(macs))
    if row is None:
        return None
    *of_key, caller, pepper_id = row
    welcome(own[0], caller, pepper_id)
    return used(judged(macs[0], of_key), macs[0])


def caller_of(credential: str) -> int | None:
    """The primary key of the service credential that this is; None when it is none that is good now."""
    if not is_credential(credential):
        return None
    macs = macs_of(credential)
    row = asked(CALLER, macs, len(macs))
    if row is None:
        return None
    welcome(macs[0], *row)
    return int(row[0])


def is_caller(macs: list[bytes]) -> bool:
    """Whether a service credential that is good now is stored as one of `macs`."""
    if CALLERS.recall(macs[0]):
        return True
    row = asked(CALLER, macs, len(macs))
    if row:
        welcome(macs[0], *row)
    return row is not None


def welcome(mac: bytes, caller: Any, pepper_id: str) -> None:
    CREDENTIAL_USES.note(int(caller), pepper_id, mac)
    CALLERS.keep(mac, answer=True)


def judged(mac: bytes, row: Sequence[Any] | None) -> Verdict:
    """The verdict of what was found, kept for as long as the operator allows."""
    verdict = NOT_FOUND
    if row and row[0] is not None:
        secret, code, *known = row
        verdict = Verdict(Code(code), int(secret), *known)
    VERDICTS.keep(mac, verdict)
    return verdict


def used(verdict: Verdict, mac: bytes) -> Verdict:
    if verdict.is_valid:
        KEY_USES.note(verdict.secret, verdict.pepper_id, mac)
    return verdict
