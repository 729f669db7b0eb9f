"""Support staff and service credentials at the same moment: one of a name, revoked once."""

from functools import partial

import pytest

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent
from keys.credentials.services import create_credential, revoke_credential
from keys.models import ServiceCredential
from tests.races.at_once import outcomes
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_name_makes_one_credential_which_is_revoked_once(world: World, rounds: range) -> None:
    actor, credentials = Actor.of_user(world.staff), ServiceCredential.objects
    for number in rounds:
        make = partial(create_credential, actor=actor, name="gateway")
        assert outcomes(make, make, make) == {"done": 1, "conflict": 2}
        row = credentials.unrevoked().get(name="gateway")
        revoke = partial(revoke_credential, actor=actor, credential=row)
        assert outcomes(revoke, revoke) == {"done": 1, "conflict": 1}
        assert credentials.count() == number + 1
    events = AuditEvent.objects.filter(organization=None)
    done = [
        events.filter(act=act).count()
        for act in (Action.CREDENTIAL_CREATED, Action.CREDENTIAL_REVOKED)
    ]
    assert done == [len(rounds), len(rounds)]
