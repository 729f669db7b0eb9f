"""What becomes of secrets of ours that somebody found in public: they end, or their people are told."""

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
from keys.leaks.services.invitations import find_leaked_invitations, report_invitation
from keys.leaks.services.mails import mail_about_credential, mail_about_key
from keys.leaks.services.personal_tokens import find_leaked_personal_tokens, report_personal_token
from keys.leaks.services.terminals import find_leaked_terminals, report_terminal
from keys.models import ApiKey, KeyPolicy, KeySecret, LeakReport, ServiceCredential
from keys.models.leak import SOURCE_LENGTH, URL_LENGTH
from projects.access import lock_rows

MOST_NAMED = 10  # places that an audit event and a mail name; the others they count
REASON_LENGTH = 200


@dataclass(frozen=True)
class Finding:
    """A text somebody found in public, and where. `url` and `source` may be empty.

    What stands around a secret is whatever its finder saw: it is kept as one printable line, with
    secrets masked.
    """

    token: str = field(repr=False)
    url: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", to_single_line(self.url)[:URL_LENGTH])
        object.__setattr__(self, "source", to_single_line(self.source)[:SOURCE_LENGTH])

    @property
    def place(self) -> str:
        return self.url or self.source or "a place that was not named"


class Hit(NamedTuple):
    """A finding of one of our secrets; `row` is what holds it."""

    row: Any
    finding: Finding


def to_single_line(text: str) -> str:
    """`text` without spaces and whatever cannot be seen, secrets in it masked."""
    return mask_secrets("".join(one for one in text if one.isprintable() and one != " "))


def report_leaks(*, actor: Actor, reporter: str, findings: Sequence[Finding]) -> list[bool]:
    """Acts on each finding; says of each whether the console issued its token, ended or not.

    Each secret's owner is a transaction of its own: what was done stays done when a later one
    fails, and the report sent again goes on from there. Reported again, nothing more happens.
    """
    tokens = {one.token for one in findings}
    secrets = KeySecret.objects.select_related("api_key__project").by_text(
        filter(is_api_key, tokens)
    )
    credentials = ServiceCredential.objects.by_text(filter(is_credential, tokens))
    invitations, terminals = find_leaked_invitations(tokens), find_leaked_terminals(tokens)
    personal = find_leaked_personal_tokens(tokens)
    for key, hits in group_findings(findings, filter_live(secrets), "api_key").items():
        report_key(actor=actor, reporter=reporter, key=key, hits=hits)
    for credential, hits in group_findings(findings, filter_live(credentials)).items():
        report_credential(actor=actor, reporter=reporter, credential=credential, hits=hits)
    for invitation, hits in group_findings(findings, invitations).items():
        found = {"reporter": reporter, **describe_hits(hits)}
        report_invitation(actor=actor, invitation=invitation, found=found)
    for session, hits in group_findings(findings, filter_live(terminals)).items():
        found = {"reporter": reporter, **describe_hits(hits)}
        report_terminal(actor=actor, session=session, found=found)
    for token, hits in group_findings(findings, filter_live(personal)).items():
        found = {"reporter": reporter, **describe_hits(hits)}
        report_personal_token(actor=actor, token=token, found=found)
    ours = {*secrets, *credentials, *invitations, *terminals, *personal}
    return [one.token in ours for one in findings]


def filter_live(rows: dict[str, Any]) -> dict[str, Any]:
    """Those that may do harm. For the others nothing is locked: that would take a reporter's time."""
    return {text: row for text, row in rows.items() if not row.is_over}


def group_findings(
    findings: Sequence[Finding], rows: dict[str, Any], owner: str = ""
) -> dict[Any, list[Hit]]:
    """The hits of each row, or of what is in its attribute `owner`."""
    groups: dict[Any, list[Hit]] = {}
    for one in findings:
        if row := rows.get(one.token):
            groups.setdefault(getattr(row, owner) if owner else row, []).append(Hit(row, one))
    return groups


@transaction.atomic
def report_key(*, actor: Actor, reporter: str, key: ApiKey, hits: list[Hit]) -> None:
    """Ends the key, or only tells its people, as the organization's key policy says.

    Also where all stands still. Nothing for a revoked key and for secrets that have ended. While a
    key is being rotated both of its secrets are live: when either leaks, the whole key ends.
    """
    lock_rows(key.project)
    keys = ApiKey.objects.select_related("project__organization", "created_by")
    locked = keys.in_lock_order().get(pk=key.pk)
    live = set(locked.secrets.live().values_list("pk", flat=True))
    found = [hit for hit in hits if hit.row.pk in live and not locked.revoked_at]
    fresh = filter_unreported(found, "secret")
    policy = KeyPolicy.of(locked.project.organization)
    ends = policy.on_leak == LeakResponse.REVOKE
    if not found or not (fresh or ends):
        return
    store_reports(fresh, "secret", reporter)
    locked.record_event(
        actor, Action.KEY_LEAK_REPORTED, after={**describe_hits(found), "ended": ends}
    )
    if ends:
        LeakReport.objects.filter(secret__in=live).update(revoked=True)
        end_key(locked, actor, found[0].finding.place)
    mail_about_key(locked, ended=ends, reporter=reporter, **describe_hits(found))


def end_key(key: ApiKey, actor: Actor, place: str) -> None:
    """Revokes a project's key; the Default Key, which cannot be revoked, gets another secret."""
    if key.kind == KeyKind.DEFAULT:
        replace_secret(key, actor)
    else:
        key.revoke(actor, reason=f"Found in public: {place}"[:REASON_LENGTH])


@transaction.atomic
def report_credential(
    *, actor: Actor, reporter: str, credential: ServiceCredential, hits: list[Hit]
) -> None:
    """Tells support staff: revoking what a gateway runs on is for people to decide."""
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
    """Those of places not reported before, each once; with their owner locked."""
    reports = LeakReport.objects.filter(**{f"{kind}__in": [hit.row.pk for hit in hits]})
    known = set(reports.values_list(kind, "url"))
    fresh: dict[Any, Hit] = {}
    for hit in hits:
        fresh.setdefault((hit.row.pk, hit.finding.url), hit)
    return [hit for place, hit in fresh.items() if place not in known]


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
    """What the audit log and a mail say of where the secrets were found; none of a secret but its hint."""
    places = list(dict.fromkeys(hit.finding.place for hit in hits))
    hints = dict.fromkeys(getattr(hit.row, "hint", "") for hit in hits)
    return {
        "secret": ", ".join(filter(None, hints)),
        "found_at": places[:MOST_NAMED],
        "more_places": max(0, len(places) - MOST_NAMED),
    }
