"""Sends emails about secrets found in public, whatever the notification settings; never with the secret."""

from typing import Any

from accounts.models import User
from accounts.models.principals import Principal
from accounts.outbox import notify
from keys.enums import KeyKind
from keys.models import ApiKey, ServiceCredential
from projects.models import Project


def mail_about_key(key: ApiKey, *, ended: bool, **details: Any) -> None:
    """Notifies the creator, the Owner and the Admins, as far as they can see the project now."""
    organization = key.project.organization
    context: dict[str, Any] = {
        "key": key,
        "project": key.project,
        "organization": organization,
        "ended": ended,
    }
    if key.kind == KeyKind.DEFAULT:
        template = "keys/mail/default_key_leaked.txt"
        people = [organization.memberships.owner().user]
    else:
        template = "keys/mail/key_leaked.txt"
        people = [user for user in list_recipients(key) if can_see(user, key.project)]
    subject = format_subject(key, ended=ended)
    for user in people:
        notify(user, subject, template, **context, **details)


def format_subject(key: ApiKey, *, ended: bool) -> str:
    if key.kind == KeyKind.DEFAULT:
        name = f"{key.name} of {key.project.organization.name}"
        if ended:
            return f"Replaced: the {name} was found in public"
        return f"Still valid: the {name} was found in public"
    if ended:
        return f"Revoked: the API key {key.name} was found in public"
    return f"Still valid: the API key {key.name} was found in public"


def list_recipients(key: ApiKey) -> list[User]:
    """Returns the Owner, the Admins and the creator of the key, each once."""
    in_charge = key.project.organization.memberships.with_every_project().with_users()
    people = [membership.user for membership in in_charge.order_by("pk")]
    if key.created_by and key.created_by not in people:
        people.append(key.created_by)
    return people


def can_see(user: User, project: Project) -> bool:
    return Project.objects.visible_to(Principal.of_absent(user)).filter(pk=project.pk).exists()


def mail_about_credential(credential: ServiceCredential, **details: Any) -> None:
    """Notifies all support staff."""
    for user in User.objects.filter(is_staff=True, is_active=True).order_by("pk"):
        notify(
            user,
            f"Still valid: the service credential {credential.name} was found in public",
            "keys/mail/credential_leaked.txt",
            credential=credential,
            **details,
        )
