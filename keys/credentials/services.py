"""Creates and revokes service credentials, on behalf of support staff or the operator."""

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
NAME_TAKEN = "An unrevoked service credential already has this name. Choose another one."


@dataclass(frozen=True)
class IssuedCredential:
    """A service credential and its secret, which is stored nowhere and appears in no `repr`."""

    credential: ServiceCredential
    secret: str = field(repr=False)


@transaction.atomic
def create_credential(*, actor: Actor, name: str) -> IssuedCredential:
    """Creates a credential for a program. Raises Conflict if an unrevoked one has the name."""
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
    """Revokes the credential for good, from the next request on. Raises Conflict if it is already revoked."""
    require_staff(actor, REVOKE)
    locked: ServiceCredential = ServiceCredential.objects.select_for_update(no_key=True).get(
        pk=credential.pk
    )
    if locked.revoked_at:
        raise Conflict(f"{locked.name} is already revoked.")
    locked.revoke(actor.user)
    record(
        actor,
        Action.CREDENTIAL_REVOKED,
        organization=None,
        target=locked,
        before={"name": locked.name},
    )
    return locked
