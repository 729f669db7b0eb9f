"""People in the audit log: their present names, beside the email addresses that events recorded."""

import re
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from accounts.models import AuditEvent, Organization, User
from accounts.searching import match_words

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
    """Sets the name of the person who acted, and of the person each event is about, in one query."""
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
        event.actor_person = names.get(event.actor_id) or names.get(event.actor_name, "")
        in_target = EMAIL_ADDRESS.search(event.target_name)
        email = in_target.group() if in_target else ""
        event.target_person = names.get(event.target_id) or names.get(email, "")


def match_people(organization: Organization, text: str) -> Q:
    """Returns the condition that someone whose name has all words of `text` did it, or it is about them."""
    matches = list_people(organization).filter(match_words(text, "search_text"))
    rows = list(matches.values_list("pk", "public_id", "email")[:MOST])
    condition = Q(actor__in=[pk for pk, _, _ in rows]) | Q(target_id__in=[row[1] for row in rows])
    for _, _, email in rows:
        condition |= match_words(email, "stored_personal_data__search_text")
    return condition
