"""The people behind a service account: who created it or the token it uses, also through programs."""

from accounts.models import User
from projects.access import ProjectAccess
from projects.models.counting import get_related_model


def acts_for(access: ProjectAccess, user_pk: int | None) -> bool:
    """Returns whether the principal is this person, or a service account that goes back to them."""
    if access.principal.is_user(user_pk):
        return True
    return bool(access.principal.service_account) and user_pk in find_makers(access)


def acts_for_address(access: ProjectAccess, email: str) -> bool:
    """Returns whether the principal is a service account that goes back to someone with that address."""
    if not access.principal.service_account:
        return False
    people = User.objects.filter(pk__in=find_makers(access))
    return any(person.email == email or person.proves(email) for person in people)


def find_makers(access: ProjectAccess) -> set[int]:
    """Returns the primary keys of the people who created the service account that acts, or its token.

    If a service account or admin API key created one of those, its own makers count too: they may know its
    secret.
    """
    accounts = access.project.service_accounts.values_list(
        "created_by", "created_with", "created_by_account__public_id"
    )
    tokens = (
        get_related_model("service_accounts", "tokens")
        .objects.filter(service_account__project=access.project)
        .values_list("created_by", "created_with", "service_account__public_id")
    )
    admin_keys = access.organization.admin_keys.values_list("created_by", "created_with__public_id")
    makers, seen = set[int](), {"", None}
    waiting = [access.principal.service_account, access.principal.credential]
    while waiting:
        reference = waiting.pop()
        if reference in seen:
            continue
        seen.add(reference)
        for rows in (accounts, tokens, admin_keys):
            for person, *references in rows.filter(public_id=reference):
                makers |= {person} - {None}
                waiting += references
    return makers
