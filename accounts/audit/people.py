"""People in the audit log: their present names, beside the email addresses that events recorded."""

import re
from collections.abc import Iterable

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from accounts.enums import PrincipalKind
from accounts.models import AuditEvent, Organization, User
from accounts.models.principals import PROGRAMS
from accounts.searching import fold, match_words

# What target names contain, such as "member@northwind.example in research".
EMAIL_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
# More people than this are not searched for by name; a longer text matches fewer.
MOST = 50


def list_people(organization: Organization) -> QuerySet[User]:
    """Returns all who have or had access to the organization or one of its projects.

    Others are never named: the log must not disclose who has an account. Deleted accounts have no name.
    """
    here = Organization.objects.filter(pk=organization.pk)
    return User.objects.filter(
        Q(pk__in=here.values("membership_periods__user"))
        | Q(pk__in=here.values("projects__collaboration_periods__user")),
        deleted_at__isnull=True,
    )


def add_names(organization: Organization, events: Iterable[AuditEvent]) -> None:
    """Sets who acted with which credential, and who each event is about, in one query."""
    events = list(events)
    texts = [text for event in events for text in (event.actor_name, event.target_name)]
    emails = {email for text in texts for email in EMAIL_ADDRESS.findall(text)}
    ids = {event.target_id for event in events if event.target_id.startswith("user_")}
    pks = {event.actor_id for event in events if event.actor_id}
    people = list_people(organization).filter(
        Q(email__in=emails) | Q(public_id__in=ids) | Q(pk__in=pks)
    )
    names: dict[object, str] = {}
    for pk, public_id, email, name in people.values_list("pk", "public_id", "email", "name"):
        names |= {pk: name, public_id: name, email: name}
    for event in events:
        event.actor_credential = describe_credential(event)
        # The name of a key can be an email address, too.
        recorded = "" if event.actor_kind in PROGRAMS else event.actor_name
        event.actor_person = names.get(event.actor_id) or names.get(recorded, "")
        in_target = EMAIL_ADDRESS.search(event.target_name)
        email = in_target.group() if in_target else ""
        event.target_person = names.get(event.target_id) or names.get(email, "")


def describe_credential(event: AuditEvent) -> str:
    """Returns the text for what the actor used instead of a browser session; empty for a session."""
    if event.actor_kind in PROGRAMS:
        return str(PrincipalKind(event.actor_kind).label)
    return "Access token" if event.credential not in ("", "session") else ""


def find_people(organization: Organization, text: str) -> list[User]:
    """Returns at most `MOST` people whose name or email address has all words of `text`.

    People who have left only match by name: the organization no longer needs to know their email address.
    """
    here = Organization.objects.filter(pk=organization.pk)
    is_here = Q(pk__in=here.values("memberships__user")) | Q(
        pk__in=here.values("projects__collaborators__user")
    )
    matches = list_people(organization).filter(match_words(text, "search_text"))
    words = fold(text).split()
    return [
        user
        for user in matches.annotate(is_here=ExpressionWrapper(is_here, BooleanField()))[:MOST]
        if user.is_here or all(word in fold(user.name) for word in words)
    ]


def match_people(organization: Organization, text: str) -> Q:
    """Returns the condition of events by or about the people that `find_people` returns."""
    people = find_people(organization, text)
    condition = Q(actor__in=people) | Q(target_id__in=[user.public_id for user in people])
    for user in people:
        condition |= match_words(user.email, "stored_personal_data__search_text")
    return condition
