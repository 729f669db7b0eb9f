"""Create API key: the secret once, one key for one form, and what the key policy says."""

import logging
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent, User
from keys.api_keys.services import revoke_key
from keys.enums import KeyMakers
from keys.models import ApiKey, KeyPolicy, KeySecret
from keys.secrets import CREATED_BEFORE
from projects.models import Project
from projects.services.archive import archive_project
from tests.database.refusals import all_rows
from tests.keys.helpers.gateway_client import auth, code_of
from tests.support.clock import DAY
from tests.support.pages import signed_in, words
from tests.world import World, issued

pytestmark = pytest.mark.django_db


def create(user: User, project: Project, **data: str) -> Any:
    address = reverse("api_key_create", args=[project.slug])
    return signed_in(user).post(address, {"name": "ci-pipeline", **data})


def shown(response: Any) -> str:
    """The secret of the page that shows it."""
    assert response.status_code == 200
    return str(response.context["secret"])


def made(world: World, name: str = "ci-pipeline") -> ApiKey:
    return world.research.api_keys.get(name=name)


def kept() -> tuple[Any, ...]:
    """All that making a key writes."""
    return list(ApiKey.objects.values()), KeySecret.objects.count(), AuditEvent.objects.count()


def test_the_answer_shows_the_secret_once_with_a_command_that_works(
    world: World, credential: str
) -> None:
    response = create(world.external, world.research)
    secret, key = shown(response), made(world)
    text = words(response)
    for part in (
        "Copy your new key",
        "This is the only time it is shown",
        "Key ci-pipeline · project research · never expires",
        "I have stored it",
        f'curl -i -H "Authorization: Bearer {secret}" http://testserver/v1/auth',
    ):
        assert part in text
    assert f'readonly autocomplete="off" spellcheck="false" aria-label="API key">{secret}<' in (
        response.content.decode()
    )
    assert code_of(credential, secret) == "valid"
    assert auth(secret)["X-Api-Key-Id"] == key.public_id
    assert "no-store" in response["Cache-Control"]
    assert (key.created_by, key.expires_at) == (world.external, None)


def test_the_secret_is_nowhere_else(world: World, caplog: pytest.LogCaptureFixture) -> None:
    client = signed_in(world.owner)
    address = reverse("api_key_create", args=[world.research.slug])
    with caplog.at_level(logging.DEBUG):
        secret = shown(client.post(address, {"name": "ci-pipeline"}))
        pages = [
            client.get(reverse("api_keys", args=[world.research.slug])),
            client.get(address),
            client.get(reverse("audit_log", args=[world.organization.slug])),
        ]
    places = [repr(all_rows()), caplog.text, *(page.content.decode() for page in pages)]
    places += [repr(session.get_decoded()) for session in Session.objects.all()]
    assert [secret in text or secret[3:46] in text for text in places] == [False] * len(places)
    assert f"{secret[:7]}…{secret[-4:]}" in places[2]
    event = AuditEvent.objects.filter(act=Action.KEY_CREATED).latest("pk")
    assert (event.target_name, event.actor) == ("ci-pipeline in research", world.owner)


def test_a_form_sent_twice_makes_one_key_and_shows_no_secret_again(world: World) -> None:
    form = signed_in(world.owner).get(reverse("api_key_create", args=[world.research.slug]))
    sent = {"form_token": str(form.context["form"]["form_token"].value())}
    secret = shown(create(world.owner, world.research, **sent))
    before, browser = kept(), signed_in(world.owner)
    address = reverse("api_key_create", args=[world.research.slug])
    again = browser.post(address, {"name": "another", **sent})
    assert again.status_code == 302
    assert made(world).public_id in again["Location"]
    page = browser.get(again["Location"])
    assert CREATED_BEFORE in words(page)
    assert secret not in page.content.decode()
    assert kept() == before


def test_each_form_has_a_token_of_its_own_that_counts_for_its_person(world: World) -> None:
    address = reverse("api_key_create", args=[world.research.slug])
    client = signed_in(world.owner)
    tokens = {client.get(address).context["form"]["form_token"].value() for _ in range(3)}
    assert len(tokens) == 3
    for person, project in ((world.owner, world.research), (world.stranger, world.other_project)):
        shown(create(person, project, form_token="one"))
        assert create(person, project, name="second", form_token="one").status_code == 302


def test_without_a_token_each_form_makes_a_key(world: World) -> None:
    for name in ("first", "second"):
        shown(create(world.owner, world.research, name=name))
    assert world.research.api_keys.count() == 3


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("name", {"name": ""}),
        ("name", {"name": " "}),
        ("name", {"name": "x" * 101}),
        ("name", {"name": "\u202eevil"}),
        ("name", {"name": "a\x00b"}),
        ("form_token", {"form_token": "no token!"}),
        ("form_token", {"form_token": "x" * 21}),
    ],
)
def test_a_wrong_value_is_refused_at_its_field_and_changes_nothing(
    world: World, field: str, data: dict[str, str]
) -> None:
    before = kept()
    response = create(world.owner, world.research, **data)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert kept() == before


def test_a_taken_name_is_a_conflict_at_its_field_until_that_key_is_revoked(world: World) -> None:
    before = kept()
    taken = create(world.owner, world.research, name="notebooks")
    assert taken.status_code == 409
    assert "already has this name" in taken.context["form"].errors["name"][0]
    assert 'value="notebooks"' in taken.content.decode()
    assert kept() == before
    shown(create(world.owner, world.production, name="notebooks"))
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    shown(create(world.owner, world.research, name="notebooks"))


def test_where_admins_alone_create_keys_the_others_read_so(world: World) -> None:
    KeyPolicy.objects.create(organization=world.organization, makers=KeyMakers.ADMINS)
    before = kept()
    for person in (world.project_member, world.external):
        refused = create(person, world.research)
        assert refused.status_code == 403
        assert "leaves creating and rotating keys to Project Admins" in words(refused)
    assert kept() == before
    for person in (world.owner, world.project_admin, world.external_admin):
        shown(create(person, world.research, name=person.name))


def test_no_key_is_made_in_an_archived_project(world: World) -> None:
    archive_project(actor=Actor.of_user(world.owner), project=world.research)
    refused = create(world.owner, world.research)
    assert refused.status_code == 403
    assert "is archived" in words(refused)


def test_the_policy_decides_which_ends_are_offered(world: World) -> None:
    address = reverse("api_key_create", args=[world.research.slug])

    def offered() -> tuple[list[str], str]:
        form = signed_in(world.owner).get(address).context["form"]
        lengths = form.fields["expires"].widget.widgets[0].choices
        return [label for _, label in lengths], form["expires"].help_text

    every = ["7 days", "30 days", "90 days", "365 days", "On a day…"]
    assert offered() == (["Never", *every], "Keys work until the end of the day in UTC.")
    policy = KeyPolicy.objects.create(organization=world.organization, expiry_required=True)
    lengths, said = offered()
    assert lengths == every
    assert "The key policy requires an expiration" in said
    policy.longest_days = 60
    policy.save(update_fields=["longest_days"])
    lengths, said = offered()
    assert lengths == ["7 days", "30 days", "60 days", "On a day…"]
    assert "limits secrets to 60 days" in said


@pytest.mark.parametrize("longest", [None, 30])
def test_the_policy_refuses_other_ends_at_their_field(world: World, longest: int | None) -> None:
    KeyPolicy.objects.create(
        organization=world.organization, expiry_required=not longest, longest_days=longest
    )
    before = kept()
    too_long = (timezone.now() + 30 * DAY).date().isoformat()
    for sent in ("", *(("31", "365d", too_long) if longest else ())):
        refused = create(world.owner, world.research, expires=sent)
        assert refused.status_code == 422, sent
        assert "key policy" in refused.context["form"].errors["expires"][0]
    assert kept() == before
    last = (timezone.now() + 29 * DAY).date().isoformat()
    for name, sent in (("a", "30d"), ("b", last), ("c", "7")):
        shown(create(world.owner, world.research, name=name, expires=sent))


def test_an_expiring_key_says_so_beside_its_secret(world: World) -> None:
    response = create(world.owner, world.research, expires="day", expires_on="2034-03-12")
    shown(response)
    assert "works until 12 Mar 2034" in words(response)


def test_the_page_after_it_lists_the_key_first(world: World) -> None:
    issued(world.research, world.owner, "older")
    response = create(world.owner, world.research)
    listed = signed_in(world.owner).get(response.context["cancel_url"])
    assert listed.context["rows"][0].key.name == "ci-pipeline"
