"""Pages of how one signs in, with every kind of row on them; part of the list in every_page.py."""

from django.urls import reverse

from accounts.actors import Actor
from accounts.models import Organization, User, UserSession
from accounts.sessions.services import trust_browser
from accounts.support.services.factor_resets import build_cancel_url, request_factor_reset
from tests.support.factors import with_app
from tests.world import World, person

FIREFOX = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PASSKEY = "passkey_ofThisLaptop"
OWN_PAGES = ("security", "sessions", "sessions_end_others", "account_reauthenticate")
OWN_ACTS = ("app_remove", "recovery_codes", "password_remove", "factor_reset_cancel_own")


def set_up_everything(world: World) -> User:
    """Returns a person with all second factors, another session, a trusted browser and a reset waiting."""
    user = person("careful@elsewhere.example")
    with_app(user)
    data = {"name": "W" * 100, "public_id": PASSKEY}
    user.authenticator_set.create(type="webauthn", data=data)
    UserSession.objects.create(user=user, session_key="x" * 32, agent=FIREFOX, ip="2001:db8::1")
    trust_browser(actor=Actor.of_user(user))
    request_factor_reset(actor=Actor.of_user(world.staff), user=user, note="Seen on video.")
    return user


def sign_in_pages(user: User) -> list[str]:
    """The pages of someone from `set_up_everything`."""
    browser, reset = user.trusted_browsers.get(), user.factor_resets.get()
    return [
        *(reverse(name) for name in (*OWN_PAGES, *OWN_ACTS)),
        *(reverse(name, args=[PASSKEY]) for name in ("passkey_rename", "passkey_remove")),
        reverse("trusted_browser_stop", args=[browser.public_id]),
        build_cancel_url(reset),
    ]


def shut_out_person() -> User:
    """Returns a person whose organization requires a second factor, which they lack."""
    user = person("without.factor@elsewhere.example")
    Organization.objects.filter(pk=user.home_organization_id).update(second_factor_required=True)
    return user


def shut_out_pages(user: User) -> list[str]:
    assert user.home_organization
    own = reverse("organization", args=[user.home_organization.slug])
    return [own, reverse("home"), reverse("organizations"), reverse("security")]
