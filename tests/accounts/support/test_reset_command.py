"""The command for people whom no colleague can help: the same wait, email and audit event."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent, FactorReset
from tests.support.mail import mailed_to
from tests.world import World

pytestmark = pytest.mark.django_db
COMMAND = "reset_second_factors"


def test_the_only_superuser_gets_back_in(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command(COMMAND, world.staff.email, "Seen in person.")
    reset = FactorReset.objects.get(user=world.staff)
    assert reset.is_pending
    assert reset.requested_by is None
    assert world.staff.has_second_factor
    assert world.staff.email in capsys.readouterr().out
    (event,) = AuditEvent.objects.filter(act="factor.reset_requested")
    assert (event.actor_label, event.after) == (COMMAND, {"note": "Seen in person."})
    assert any("will be reset tomorrow" in m.subject for m in mailed_to(world.staff.email))
    with pytest.raises(CommandError, match="already waiting"):
        call_command(COMMAND, world.staff.email, "Again.")


@pytest.mark.parametrize(
    ("email", "note", "message"),
    [
        ("nobody@elsewhere.example", "Seen.", "No active account"),
        ("member@northwind.example", "Seen.", "no second factor"),
        ("support@console.example", " ", "The note must have"),
    ],
)
def test_what_cannot_be_reset_is_refused(world: World, email: str, note: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command(COMMAND, email, note)
    assert not FactorReset.objects.exists()
