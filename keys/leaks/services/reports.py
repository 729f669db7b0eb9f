"""Handles reports of secrets found in public: ends the secrets, or notifies the people they concern."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.crypto.masking import mask_secrets
from accounts.enums import Action
from keys.default_key.services import replace_secret
from keys.enums import KeyKind, LeakResponse
from keys.formats import is_api_key, is_credential
from keys.leaks.services.account_tokens import find_leaked_account_tokens, report_account_token
from keys.leaks.services.admin_keys import find_leaked_admin_keys, report_admin_key
from keys.leaks.services.invitations import find_leaked_invitations, report_invitation
from keys.leaks.services.mails import mail_about_credential, mail_about_key
from keys.leaks.services.personal_tokens import find_leaked_personal_tokens, report_personal_token
from keys.leaks.services.terminals import find_leaked_terminals, report_terminal
from keys.models import ApiKey, KeyPolicy, KeySecret, LeakReport, ServiceCredential
from keys.models.leak import SOURCE_LENGTH, URL_LENGTH
from projects.access import lock_rows

MAX_NAMED = 10  # locations that an audit event and a mail name; the others are counted
REASON_LENGTH = 200


@dataclass(frozen=True)
class Finding:
    """A text found in public, and where. `url` and `source` may be empty.

    They come from outside, so they are kept as one printable line with secrets masked.
    """

    token: str = field(repr=False)
    url: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", to_single_line(self.url)[:URL_LENGTH])
        object.__setattr__(self, "source", to_single_line(self.source)[:SOURCE_LENGTH])

    @property
    def location(self) -> str:
        return self.url or self.source or "an unnamed location"


class Hit(NamedTuple):
    """A finding that is one of our secrets; `row` is where it is stored."""

    row: Any
    finding: Finding


def to_single_line(text: str) -> str:
    """Returns `text` without spaces and unprintable characters, with secrets masked."""
    return mask_secrets(
        "".join(letter for letter in text if letter.isprintable() and letter != " ")
    )


def report_leaks(*, actor: Actor, reporter: str, findings: Sequence[Finding]) -> list[bool]:
    """Handles all findings and returns for each whether the console issued its token.

    Each owner of a secret has a transaction of its own: if a later one fails, the report can be sent again
    and continues from there. A repeated report changes nothing.
    """
    tokens = {finding.token for finding in findings}
    secrets = KeySecret.objects.select_related("api_key__project").by_text(
        filter(is_api_key, tokens)
    )
    credentials = ServiceCredential.objects.by_text(filter(is_credential, tokens))
    invitations, terminals = find_leaked_invitations(tokens), find_leaked_terminals(tokens)
    personal, admin_keys = find_leaked_personal_tokens(tokens), find_leaked_admin_keys(tokens)
    account_tokens = find_leaked_account_tokens(tokens)
    for key, hits in group_findings(findings, filter_live(secrets), "api_key").items():
        report_key(actor=actor, reporter=reporter, key=key, hits=hits)
    for credential, hits in group_findings(findings, filter_live(credentials)).items():
        report_credential(actor=actor, reporter=reporter, credential=credential, hits=hits)
    for invitation, hits in group_findings(findings, invitations).items():
        details = {"reporter": reporter, **describe_hits(hits)}
        report_invitation(actor=actor, invitation=invitation, details=details)
    for session, hits in group_findings(findings, filter_live(terminals)).items():
        details = {"reporter": reporter, **describe_hits(hits)}
        report_terminal(actor=actor, session=session, details=details)
    for token, hits in group_findings(findings, personal).items():
        details = {"reporter": reporter, **describe_hits(hits)}
        report_personal_token(actor=actor, token=token, details=details)
    for admin_key, hits in group_findings(findings, admin_keys).items():
        details = {"reporter": reporter, **describe_hits(hits)}
        report_admin_key(actor=actor, key=admin_key, details=details)
    for account_token, hits in group_findings(findings, account_tokens).items():
        details = {"reporter": reporter, **describe_hits(hits)}
        report_account_token(actor=actor, token=account_token, details=details)
    issued = {*secrets, *credentials, *invitations, *terminals}
    ours = issued | {*personal, *admin_keys, *account_tokens}
    return [finding.token in ours for finding in findings]


def filter_live(rows: dict[str, Any]) -> dict[str, Any]:
    """Returns the secrets that still work. Nothing is locked for the others, which keeps reports quick."""
    return {text: row for text, row in rows.items() if not row.is_over}


def group_findings(
    findings: Sequence[Finding], rows: dict[str, Any], owner: str = ""
) -> dict[Any, list[Hit]]:
    """Returns the hits of each row, or of the object in its attribute `owner`."""
    groups: dict[Any, list[Hit]] = {}
    for finding in findings:
        if row := rows.get(finding.token):
            groups.setdefault(getattr(row, owner) if owner else row, []).append(Hit(row, finding))
    return groups


@transaction.atomic
def report_key(*, actor: Actor, reporter: str, key: ApiKey, hits: list[Hit]) -> None:
    """Ends the key or only notifies people, depending on the organization's key policy.

    Also in frozen projects and organizations. Does nothing for a revoked key and for secrets that have
    ended. While a key is being rotated both of its secrets work: if either leaks, the whole key ends.
    """
    lock_rows(key.project)
    keys = ApiKey.objects.select_related("project__organization", "created_by")
    locked = keys.in_lock_order().get(pk=key.pk)
    live = set(locked.secrets.live().values_list("pk", flat=True))
    live_hits = [hit for hit in hits if hit.row.pk in live and not locked.revoked_at]
    fresh = filter_unreported(live_hits, "secret")
    policy = KeyPolicy.of(locked.project.organization)
    ends = policy.on_leak == LeakResponse.REVOKE
    if not live_hits or not (fresh or ends):
        return
    store_reports(fresh, "secret", reporter)
    locked.record_event(
        actor, Action.KEY_LEAK_REPORTED, after={**describe_hits(live_hits), "ended": ends}
    )
    if ends:
        LeakReport.objects.filter(secret__in=live).update(revoked=True)
        end_key(locked, actor, live_hits[0].finding.location)
    mail_about_key(locked, ended=ends, reporter=reporter, **describe_hits(live_hits))


def end_key(key: ApiKey, actor: Actor, location: str) -> None:
    """Revokes a project's key; the Default Key, which cannot be revoked, gets a new secret."""
    if key.kind == KeyKind.DEFAULT:
        replace_secret(key, actor)
    else:
        key.revoke(actor, reason=f"Found in public: {location}"[:REASON_LENGTH])


@transaction.atomic
def report_credential(
    *, actor: Actor, reporter: str, credential: ServiceCredential, hits: list[Hit]
) -> None:
    """Notifies support staff. They decide whether to revoke it, because gateways depend on it."""
    credentials = ServiceCredential.objects.select_for_update(no_key=True)
    locked: ServiceCredential = credentials.get(pk=credential.pk)
    fresh = filter_unreported(hits, "credential")
    if locked.revoked_at or not fresh:
        return
    store_reports(fresh, "credential", reporter)
    record(
        actor,
        Action.KEY_LEAK_REPORTED,
        organization=None,
        target=locked,
        label=f"service credential {locked.name}",
        after={**describe_hits(fresh), "ended": False},
    )
    mail_about_credential(locked, reporter=reporter, **describe_hits(fresh))


def filter_unreported(hits: list[Hit], kind: str) -> list[Hit]:
    """Returns the hits whose location is new, each once. Their owner must be locked."""
    reports = LeakReport.objects.filter(**{f"{kind}__in": [hit.row.pk for hit in hits]})
    reported = set(reports.values_list(kind, "url"))
    fresh: dict[Any, Hit] = {}
    for hit in hits:
        fresh.setdefault((hit.row.pk, hit.finding.url), hit)
    return [hit for location, hit in fresh.items() if location not in reported]


def store_reports(hits: list[Hit], kind: str, reporter: str) -> None:
    LeakReport.objects.bulk_create(
        LeakReport(
            **{kind: hit.row},
            reporter=reporter,
            url=hit.finding.url,
            source=hit.finding.source,
            revoked=False,
        )
        for hit in hits
    )


def describe_hits(hits: list[Hit]) -> dict[str, Any]:
    """Returns where the secrets were found and their hints, for the audit log and mails."""
    locations = list(dict.fromkeys(hit.finding.location for hit in hits))
    hints = dict.fromkeys(getattr(hit.row, "hint", "") for hit in hits)
    return {
        "secret": ", ".join(filter(None, hints)),
        "found_at": locations[:MAX_NAMED],
        "more_places": max(0, len(locations) - MAX_NAMED),
    }
