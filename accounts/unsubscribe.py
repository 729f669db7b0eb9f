"""Links that turn off one kind of email without signing in: the user's id, the kind and their MAC."""

import hmac

from django.conf import settings
from django.urls import reverse

from accounts.crypto.tokens import compute_mac, compute_macs
from accounts.models import User

PURPOSE = "unsubscribe"


def build_unsubscribe_url(user: User, kind: str) -> str:
    """Returns the URL for the `List-Unsubscribe` header of an email of that kind."""
    mac = compute_mac(PURPOSE, user.public_id, kind)
    return settings.BASE_URL + reverse("unsubscribe", args=[user.public_id, kind, mac])


def find_unsubscribing_user(reference: str, kind: str, mac: str) -> User | None:
    """Returns the user whose link it is, under any pepper; None for a link that is not ours."""
    user = User.objects.filter(public_id=reference, is_active=True).first()
    macs = compute_macs(PURPOSE, reference, kind)
    return user if any(hmac.compare_digest(mac, own) for own in macs) else None
