"""Verifies keys: whether they are valid now, whose they are, and if not, why.

Every answer is the state of the database at that moment, from one query that covers every reason to refuse.
Revoking, expiry, archiving and suspension therefore take effect with the next request. With
KEY_CACHE_SECONDS above 0 a worker may cache results for that long, see keys/verification/cache.py.
"""

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.crypto.peppers import peppers
from accounts.enums import OrganizationState
from keys.enums import Code
from keys.formats import digest, is_api_key, is_credential
from keys.verification.blocks import BLOCK, IS_TARGET, NEVER, TIMES_IN_BLOCK
from keys.verification.cache import ResultCache
from keys.verification.last_used import CREDENTIAL_USES, KEY_USES
from keys.verification.prepared import fetch_row, get_vendor, mark_parameters
from keys.verification.rates import RateStatus, count_request
from keys.verification.rules import AS_TEXT, LIMITS, RequestFacts, find_refusal, parse_rules

# In this order: final reasons come before those that can be undone.
CODE = f"""CASE
    WHEN s.id IS NULL THEN '{Code.NOT_FOUND}'
    WHEN k.revoked_at IS NOT NULL OR s.ends_at <= ? THEN '{Code.REVOKED}'
    WHEN k.expires_at <= ? THEN '{Code.EXPIRED}'
    WHEN o.state <> '{OrganizationState.ACTIVE}' THEN '{Code.ORGANIZATION_SUSPENDED}'
    WHEN p.archived_at IS NOT NULL THEN '{Code.PROJECT_ARCHIVED}'
    ELSE '{Code.VALID}' END"""
# Outer joins, so that refusing an unknown key takes as long as refusing any other.
JOINS = """LEFT JOIN keys_keysecret s ON s.mac IN ({macs})
    LEFT JOIN keys_apikey k ON k.id = s.api_key_id
    LEFT JOIN projects_project p ON p.id = k.project_id
    LEFT JOIN accounts_organization o ON o.id = p.organization_id"""
# Formatted by the database: its driver would create an object, only to be formatted again.
RFC_3339 = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%SZ', {column})",
    "postgresql": """to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""",
}
# How often a statement has the present time, before its other parameters.
TIMES = 2 + TIMES_IN_BLOCK
KEY_COLUMNS = "k.public_id, k.name, p.public_id, p.slug, o.public_id"

KEY_ALONE = "SELECT {columns} FROM (SELECT 1) AS base {joins}"
CALLER = """SELECT c.id, c.pepper_id FROM keys_servicecredential c
    WHERE c.mac IN ({macs}) AND c.revoked_at IS NULL"""
KEY_AND_CALLER = """SELECT {columns}, c.id, c.pepper_id FROM keys_servicecredential c {joins}
    WHERE c.mac IN ({macs}) AND c.revoked_at IS NULL"""


class Verdict(NamedTuple):
    """The result of verifying a key. Without a key all but `code` is empty.

    `expires_at` is RFC 3339 in UTC, None for a key that never expires. `secret` is the primary key of the
    secret, `pepper_id` the pepper that it is stored under. With BUDGET_EXCEEDED, `budget_id` is the budget
    that is spent, until `resets_at` (RFC 3339 in UTC, None for a total). `limits` are those of the key and
    its project as texts for `parse_rules`; once a request was counted, `rates` says where they stand.
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
    budget_id: str = ""
    resets_at: str | None = None
    limits: tuple[str, ...] = ()
    rates: RateStatus | None = None

    @property
    def is_valid(self) -> bool:
        return self.code is Code.VALID


MALFORMED, NOT_FOUND = Verdict(Code.MALFORMED), Verdict(Code.NOT_FOUND)


class VerdictCache:
    """The cached verdicts. Misses are kept apart from keys, so that junk does not evict them."""

    def __init__(self) -> None:
        self.keys: ResultCache[Verdict] = ResultCache(100_000)
        self.misses: ResultCache[Verdict] = ResultCache(10_000)

    def get(self, mac: bytes) -> Verdict | None:
        return self.keys.get(mac) or self.misses.get(mac)

    def put(self, mac: bytes, verdict: Verdict) -> None:
        (self.misses if verdict.code is Code.NOT_FOUND else self.keys).put(mac, verdict)


VERDICTS = VerdictCache()
CALLERS: ResultCache[bool] = ResultCache(1_000)


@functools.cache
def statement(form: str, number: int) -> str:
    """Returns one of the three queries for this database and `number` peppers."""
    macs = ", ".join("?" * number)
    time = RFC_3339[get_vendor()]
    expires_at = time.format(column="k.expires_at")
    ends_at, is_target = time.format(column="b.ends_at"), IS_TARGET[get_vendor()]
    block = BLOCK.format(ends_at=ends_at, is_target=is_target)
    limits = LIMITS.format(text=AS_TEXT[get_vendor()])
    columns = f"s.id, {CODE}, s.pepper_id, {block}, {limits}, {KEY_COLUMNS}, {expires_at}"
    return mark_parameters(form.format(columns=columns, joins=JOINS.format(macs=macs), macs=macs))


def query_row(form: str, parameters: Sequence[str | bytes], number: int) -> tuple[Any, ...] | None:
    return fetch_row(statement(form, number), parameters)


def compute_macs(secret: str) -> list[bytes]:
    """Returns the digests that the secret may be stored as; the first is under the present pepper."""
    return [digest(secret, pepper) for pepper in peppers()]


def format_now() -> str:
    """Returns the present time in the form in which Django stores times in this database."""
    now = timezone.now()
    return str(now if get_vendor() == "postgresql" else now.replace(tzinfo=None))


def verify_key(key: str, facts: RequestFacts | None = None) -> Verdict:
    """Returns the verdict on `key`, without a query if its checksum is wrong.

    Limits hold for requests to the platform's products, about which a gateway states `facts`. They do not
    for those to the console itself, which have none.
    """
    if not is_api_key(key):
        return MALFORMED
    macs = compute_macs(key)
    verdict = VERDICTS.get(macs[0])
    if verdict is None:
        parameters: list[str | bytes] = [*[format_now()] * TIMES, *macs]
        verdict = create_verdict(macs[0], query_row(KEY_ALONE, parameters, len(macs)))
    return finish(verdict, macs[0], facts)


def verify_for_caller(credential: str, key: str, facts: RequestFacts) -> Verdict | None:
    """Returns the verdict on `key` for a program with a service credential, or None if that is not valid.

    It takes one query for both, which leaves out the key if its checksum is wrong.
    """
    if not is_credential(credential):
        return None
    own = compute_macs(credential)
    if not is_api_key(key):
        return MALFORMED if is_caller(own) else None
    macs = compute_macs(key)
    if CALLERS.get(own[0]) and (verdict := VERDICTS.get(macs[0])):
        return finish(verdict, macs[0], facts)
    parameters: list[str | bytes] = [*[format_now()] * TIMES, *macs, *own]
    row = query_row(KEY_AND_CALLER, parameters, len(macs))
    if row is None:
        return None
    *key_columns, caller, pepper_id = row
    admit_caller(own[0], caller, pepper_id)
    return finish(create_verdict(macs[0], key_columns), macs[0], facts)


def find_service_credential(credential: str) -> int | None:
    """Returns the primary key of a service credential, or None if it is not valid now."""
    if not is_credential(credential):
        return None
    macs = compute_macs(credential)
    row = query_row(CALLER, macs, len(macs))
    if row is None:
        return None
    admit_caller(macs[0], *row)
    return int(row[0])


def is_caller(macs: list[bytes]) -> bool:
    """Returns whether a valid service credential is stored as one of `macs`."""
    if CALLERS.get(macs[0]):
        return True
    row = query_row(CALLER, macs, len(macs))
    if row:
        admit_caller(macs[0], *row)
    return row is not None


def admit_caller(mac: bytes, caller: Any, pepper_id: str) -> None:
    CREDENTIAL_USES.record(int(caller), pepper_id, mac)
    CALLERS.put(mac, result=True)


def create_verdict(mac: bytes, row: Sequence[Any] | None) -> Verdict:
    """Returns the verdict from a row of the query, and caches it for as long as the operator allows."""
    verdict = NOT_FOUND
    if row and row[0] is not None:
        secret, code, pepper_id, block, key_limits, project_limits, *columns = row
        verdict = Verdict(Code(code), int(secret), pepper_id, *columns)
        if verdict.is_valid:
            verdict = add_conditions(verdict, block, key_limits, project_limits)
    VERDICTS.put(mac, verdict)
    return verdict


def add_conditions(verdict: Verdict, block: str | None, *limits: str | None) -> Verdict:
    """Returns the verdict on a key that is fine in itself with what else it depends on."""
    if any(limits):
        verdict = verdict._replace(limits=tuple(filter(None, limits)))
    return stop(verdict, block) if block else verdict


def stop(verdict: Verdict, block: str) -> Verdict:
    """Returns the verdict on a key that is fine but for a budget that is spent."""
    ends_at, budget_id = block.split()
    resets_at = None if ends_at == NEVER else ends_at
    return verdict._replace(code=Code.BUDGET_EXCEEDED, budget_id=budget_id, resets_at=resets_at)


def finish(verdict: Verdict, mac: bytes, facts: RequestFacts | None) -> Verdict:
    """Returns the verdict on a request with the key, and records its use if the request is not refused."""
    if verdict.limits and facts:
        verdict = apply_limits(verdict, facts)
    if verdict.is_valid:
        KEY_USES.record(verdict.secret, verdict.pepper_id, mac)
    return verdict


def apply_limits(verdict: Verdict, facts: RequestFacts) -> Verdict:
    """Returns the verdict on a request; only what nothing else refuses is counted."""
    limits = [parse_rules(text) for text in verdict.limits]
    if refusal := find_refusal(limits, facts):
        return verdict._replace(code=refusal, budget_id="", resets_at=None)
    if not verdict.is_valid:
        return verdict
    rates = count_request(limits)
    if rates is None:
        return verdict
    return verdict._replace(code=Code.RATE_LIMITED if rates.is_over else Code.VALID, rates=rates)
