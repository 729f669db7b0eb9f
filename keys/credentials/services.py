"""Service credentials: made by support staff or whoever runs the console, shown once, revoked for good."""

from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.support.services.staff import require_staff
from keys.formats import Prefix, new_secret
from keys.models import ServiceCredential

MAKE, REVOKE = "keys.add_servicecredential", "keys.change_servicecredential"
NAME_TAKEN = "An unrevoked service credential has that name already. Choose another."


@dataclass(frozen=True)
class IssuedCredential:
    """A service credential and its secret. The secret is nowhere else, and in no `repr`."""

    credential: ServiceCredential
    secret: str = field(repr=False)


@transaction.atomic
def create_credential(*, actor: Actor, name: str) -> IssuedCredential:
    """A credential for one of the platform's programs; Conflict when an unrevoked one has the name."""
    require_staff(actor, MAKE)
    credential = ServiceCredential(name=name, created_by=actor.user)
    secret = new_secret(Prefix.CREDENTIAL)
    credential.set_secret(secret)
    try:
        with transaction.atomic():
            credential.save(force_insert=True)
    except IntegrityError as error:  # two at once as well
        raise Conflict({"name": NAME_TAKEN}) from error
    record(
        actor,
        Action.CREDENTIAL_CREATED,
        organization=None,
        target=credential,
        after={"name": name},
    )
    return IssuedCredential(credential, secret)


@transaction.atomic
def revoke_credential(*, actor: Actor, credential: ServiceCredential) -> ServiceCredential:
    """Refused from the next request on, for good; Conflict when it is revoked already."""
    require_staff(actor, REVOKE)
    locked: ServiceCredential = ServiceCredential.objects.select_for_update(no_key=True).get(
        pk=credential.pk
    )
    if locked.revoked_at:
        raise Conflict(f"{locked.name} is revoked already.")
    locked.revoke(actor.user)
    record(
        actor,
        Action.CREDENTIAL_REVOKED,
        organization=None,
        target=locked,
        before={"name": locked.name},
    )
    return locked
