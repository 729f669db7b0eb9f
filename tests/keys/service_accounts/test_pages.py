"""Pages of service accounts: the block among collaborators, creating, changing, removing, tokens and keys."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from keys.models import AccountToken, ApiKey
from keys.verification.last_used import flush_uses
from projects.models import ServiceAccount
from tests.keys.helpers.api_client import call, send
from tests.keys.helpers.service_accounts import acting_account, create_account, issue_account_token
from tests.keys.service_accounts.test_api import accounts_of
from tests.support.pages import freshly_signed_in, own_queries, queries, signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db


def url(name: str, *args: str) -> str:
    return reverse(name, args=["research", *args])


def test_one_is_created_and_listed_among_collaborators(world: World) -> None:
    browser = signed_in(world.project_admin)
    answer = browser.post(url("service_account_create"), {"name": "Build", "role": "admin"})
    account = ServiceAccount.objects.get()
    assert answer["Location"] == url("service_account", account.public_id)
    assert (account.created_by, account.role) == (world.project_admin, "admin")
    text = words(browser.get(url("collaborators")))
    assert "Build None Never Admin Project Admin" in text
    assert "Create service account" in text
    assert words(browser.get(url("service_accounts"))).count("Build") == 1


def test_members_read_them_and_externals_see_whose_they_are(world: World) -> None:
    account = create_account(world.external_admin, world.research, "Partner sync")
    page = url("service_account", account.public_id)
    for user in (world.project_member, world.external):
        browser = signed_in(user)
        text = words(browser.get(url("collaborators")))
        assert "Partner sync External None Never Admin External Admin" in text
        assert "Create service account" not in text
        text = words(browser.get(page))
        assert "never reads usage" in text
        assert "Create token" not in text
        assert browser.get(url("service_account_create")).status_code == 403


@pytest.mark.parametrize(
    ("data", "status", "message"),
    [
        ({"name": "", "role": "member"}, 422, "This field is required."),
        ({"name": "x", "role": "owner"}, 422, "Select a valid choice"),
        ({"name": "BUILD", "role": "member"}, 409, "already has this name"),
    ],
)
def test_wrong_fields_are_named(
    world: World, data: dict[str, str], status: int, message: str
) -> None:
    create_account(world.owner, world.research, "Build")
    answer = signed_in(world.owner).post(url("service_account_create"), data)
    assert answer.status_code == status
    assert message in words(answer)
    assert ServiceAccount.objects.count() == 1


def test_name_and_role_change(world: World) -> None:
    account = create_account(world.owner, world.research, "Build", "none")
    browser = signed_in(world.owner)
    browser.post(url("service_account_rename", account.public_id), {"name": "Nightly"})
    browser.post(url("service_account_role", account.public_id), {"role": "admin"})
    account.refresh_from_db()
    assert (account.name, account.role) == ("Nightly", "admin")
    text = words(browser.get(reverse("audit_log", args=[world.organization.slug])))
    assert "Service account's role changed" in text


def test_a_token_is_shown_once(world: World) -> None:
    account = create_account(world.owner, world.research, "Build")
    here = url("service_account_token_create", account.public_id)
    browser = freshly_signed_in(world.owner)
    data = {"name": "runner", "days": "30", "form_token": "sentonce"}
    answer = browser.post(here, data)
    secret = answer.context["secret"]
    assert "data-ask" in answer.content.decode()  # closing the dialog asks first
    assert call("/v3/whoami", secret).status_code == 200
    again = browser.post(here, data, follow=True)
    assert "You already sent this form" in words(again)
    assert secret not in again.content.decode()
    assert AccountToken.objects.count() == 1
    flush_uses()
    text = words(browser.get(url("service_account", account.public_id)))
    assert "runner" in text
    assert secret not in text
    revoke = url("service_account_token_revoke", AccountToken.objects.get().public_id)
    assert browser.post(revoke).status_code == 302
    assert browser.post(revoke).status_code == 409
    assert call("/v3/whoami", secret).status_code == 401


def test_a_token_needs_a_recent_password_and_a_role(world: World) -> None:
    account = create_account(world.owner, world.research, "Build", "none")
    here = url("service_account_token_create", account.public_id)
    assert "reauthenticate" in signed_in(world.owner).get(here)["Location"]
    answer = freshly_signed_in(world.owner).post(here, {"name": "runner", "days": "30"})
    assert answer.status_code == 409
    assert "Give it a role first" in words(answer)


def test_its_key_belongs_to_it(world: World) -> None:
    account = create_account(world.owner, world.research, "Build")
    browser = signed_in(world.owner)
    answer = browser.post(
        url("service_account_key_create", account.public_id), {"name": "nightly", "expires": ""}
    )
    assert answer.status_code == 200
    key = ApiKey.objects.get(name="nightly")
    assert key.service_account == account
    assert "Build service account" in words(browser.get(url("api_keys")))


def test_removing_names_what_ends_and_ends_it(world: World) -> None:
    account, secret = acting_account(world.owner, world.research, "Build")
    made = send(f"{accounts_of(world.research)}/{account.public_id}/api_keys", secret, {})
    assert made.status_code == 200
    browser, here = signed_in(world.owner), url("service_account_remove", account.public_id)
    text = words(browser.get(here))
    assert "API key Build never used" in text
    assert "Token deploy last used" in text or "Token deploy never used" in text
    answer = browser.post(here, follow=True)
    assert "Build was removed. 1 API key revoked." in words(answer)
    assert call("/v3/whoami", secret).status_code == 401
    assert browser.get(here).status_code == 404
    acts = set(AuditEvent.objects.values_list("act", flat=True))
    assert {"service_account.removed", "service_account.token_revoked", "key.revoked"} <= acts


def test_removing_a_person_names_the_accounts_they_created(world: World) -> None:
    account = create_account(world.project_admin, world.research, "Build")
    browser = signed_in(world.owner)
    page = browser.get(url("collaborator_remove", world.project_admin_row.public_id))
    assert "Service accounts they created keep working" in words(page)
    assert url("service_account", account.public_id) in page.content.decode()
    member = reverse("member_remove", args=[world.organization.slug, world.project_admin.public_id])
    text = words(browser.get(member))
    assert "the service account Build in research, which keeps working" in text


def test_it_is_found_and_acts_in_the_audit_log(world: World) -> None:
    account, secret = acting_account(world.owner, world.research, "Nightly build")
    send(accounts_of(world.research), secret, {"name": "Child"})
    browser = signed_in(world.owner)
    found = browser.get(reverse("search"), {"q": "nightly"})
    assert url("service_account", account.public_id) in found.content.decode()
    stranger = signed_in(world.stranger).get(reverse("search"), {"q": "nightly"})
    assert account.public_id not in stranger.content.decode()
    log = words(browser.get(reverse("audit_log", args=[world.organization.slug])))
    assert "Nightly build Service account Service account created Child in research" in log
    admin = signed_in(world.staff).get(
        reverse("admin:projects_project_change", args=[world.research.pk])
    )
    assert account.public_id in admin.content.decode()


def test_lists_take_the_same_queries_for_one_and_for_thirty(world: World) -> None:
    browser = signed_in(world.owner)
    account = create_account(world.owner, world.research, "0")
    issue_account_token(world.owner, account, "0")
    pages = [url("collaborators"), url("service_accounts")]
    pages.append(url("service_account", account.public_id))
    before = [count_queries(browser, page) for page in pages]
    for number in range(1, 30):
        create_account(world.owner, world.research, str(number))
        issue_account_token(world.owner, account, str(number))
    assert [count_queries(browser, page) for page in pages] == before


def count_queries(browser: Client, page: str) -> int:
    with queries() as captured:
        assert browser.get(page).status_code == 200
    return len(own_queries(captured))
