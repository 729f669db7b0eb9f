"""The demo world: what its page of contents promises is there, and seeding again changes nothing."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.actors import Actor
from accounts.enums import OrganizationState
from accounts.models import Invitation, Membership, Organization, SupportRequest, User
from console.management.commands.seed_demo import seed_people, seed_projects
from keys.api_keys.services import create_key
from keys.enums import KeyStatus
from keys.models import AccountToken, ApiKey
from keys.verification.verdicts import verify_key
from projects.models import CollaborationPeriod, Collaborator, Project, ServiceAccount
from projects.service_accounts.services import create_service_account, remove_service_account
from projects.tags.periods import get_tags, list_tags
from projects.tags.services import change_project_tags
from tests.console.helpers.demo import NOW, seed_demo
from tests.database.refusals import all_rows
from tests.support.clock import set_clock
from usage.models import Series

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, NOW)


@pytest.fixture
def demo(db: None, settings: Settings) -> None:
    settings.DEMO = True
    seed_demo()


@pytest.fixture
def older(db: None, settings: Settings) -> None:
    """A demo from before there were keys."""
    settings.DEMO = True
    seed_people()
    seed_projects()


KEYS = 14
PEOPLE = {
    ("northwind", "owner@northwind.example", "owner"),
    ("northwind", "admin@northwind.example", "admin"),
    ("northwind", "member@northwind.example", "member"),
    ("contoso", "partner@contoso.example", "owner"),
    ("fabrikam", "stranger@fabrikam.example", "owner"),
}
PROJECTS = {
    ("northwind", "northwind-default", False),
    ("northwind", "ml-research", True),
    ("northwind", "production", False),
    ("contoso", "contoso-default", False),
    ("fabrikam", "fabrikam-default", False),
}
LISTED = {
    ("ml-research", "admin@northwind.example", "admin", False),
    ("ml-research", "member@northwind.example", "member", False),
    ("ml-research", "partner@contoso.example", "member", True),
    ("production", "admin@northwind.example", "admin", False),
}


def test_the_demo_has_the_people_projects_and_roles_it_promises(demo: None) -> None:
    people = Membership.objects.values_list("organization__slug", "user__email", "role")
    projects = Project.objects.values_list(
        "organization__slug", "slug", "allow_external_collaborators"
    )
    rows = Collaborator.objects.select_related("project", "user")
    listed = {(c.project.slug, c.user.email, c.role, c.membership_id is None) for c in rows}
    assert (set(people), set(projects), listed) == (PEOPLE, PROJECTS, LISTED)
    northwind = Organization.objects.get(slug="northwind")
    assert (northwind.name, northwind.project_limit) == ("Northwind Labs", 5)
    assert northwind.external_collaborators_enabled
    assert list(User.objects.filter(is_staff=True).values_list("email", flat=True)) == [
        "support@console.example"
    ]
    assert Invitation.objects.pending().get().email == "new.hire@northwind.example"
    wish = SupportRequest.objects.get()
    assert (wish.organization.slug, wish.kind, wish.state) == ("contoso", "projects", "pending")


@pytest.mark.parametrize(
    "email", [*sorted({email for _, email, _ in PEOPLE}), "support@console.example"]
)
def test_everyone_of_the_demo_signs_in_with_the_published_password(demo: None, email: str) -> None:
    client = Client()
    data = {"login": email, "password": "demo-console-2026"}
    assert client.post("/accounts/login/", data).status_code == 302
    assert client.get("/roles/").status_code == 200


def test_the_demo_has_budgets_in_each_state_and_new_keys_still_work(demo: None) -> None:
    research = Project.objects.get(slug="ml-research")
    budgets = research.organization.budgets.all()
    spends = {budget: budget.spends.get() for budget in budgets}
    stopping = [one for one, spend in spends.items() if one.kind == "hard_stop" and spend.is_over]
    assert [one.subject for one in stopping] == [research.api_keys.get(name="eval-runner")]
    shares = sorted(100 * spend.spent // spend.amount for spend in spends.values())
    assert shares == [32, 53, 62, 94, 105, 108]
    assert {one.kind for one in budgets} == {"alert", "hard_stop", "dry_run"}
    for project in Project.objects.filter(organization=research.organization):
        owner = project.organization.memberships.owner().user
        key = create_key(actor=Actor.of_user(owner), project=project, name="new")
        assert verify_key(key.secret).is_valid


def test_seeding_again_changes_no_row(demo: None) -> None:
    before = all_rows()
    call_command("seed_demo")
    assert all_rows() == before


def test_what_an_older_demo_lacks_is_filled_in(older: None) -> None:
    for model in (Collaborator, CollaborationPeriod):
        model.objects.filter(project__slug="production").delete()
    Project.objects.filter(slug="production").delete()
    call_command("seed_demo")
    assert SupportRequest.objects.count() == 1
    assert Project.objects.get(slug="production").collaborators.count() == 1
    assert ApiKey.objects.listed().count() == KEYS


@pytest.mark.parametrize("slug", ["ml-research", "production"])
def test_a_project_has_keys_in_each_state_and_of_all_kinds_of_people(demo: None, slug: str) -> None:
    keys = Project.objects.get(slug=slug).api_keys.listed()
    states = {status for status in KeyStatus if keys.with_status(status).exists()}
    if slug == "production":
        assert states == {KeyStatus.ACTIVE, KeyStatus.EXPIRES_SOON, KeyStatus.REVOKED}
        return
    assert states == set(KeyStatus)
    makers = {key.created_by: key.creator_is_in for key in keys.with_creators()}  # type: ignore[attr-defined]
    gone = [user.email for user, inside in makers.items() if user and not inside]
    assert gone == ["stranger@fabrikam.example"]
    assert len(makers) == 5
    external = keys.get(created_by__email="partner@contoso.example")
    assert not external.secrets.get().may_read_usage
    assert keys.with_use().filter(last_used_at=None).exists()
    assert keys.with_use().filter(last_used_at__gt=timezone.now() - timedelta(minutes=5)).exists()


ACCOUNTS = {("deploy-bot", "admin", "Maya Okafor"), ("nightly-evals", "member", "Tomás Rivera")}


def test_a_project_has_service_accounts_with_keys(demo: None) -> None:
    accounts = list(ServiceAccount.objects.current().with_creators())
    assert {(row.name, row.role, row.creator_name) for row in accounts} == ACCOUNTS
    for account in accounts:
        assert (account.project.slug, account.counts_as_external) == ("ml-research", False)
        assert account.api_keys.active().get().name == account.name
    assert AccountToken.objects.live().get().service_account.name == "deploy-bot"
    assert Series.objects.filter(api_key__name="nightly-evals").exists()


@pytest.mark.parametrize("act", ["removed", "name taken"])
def test_service_accounts_of_an_older_demo_stay_as_they_were_left(older: None, act: str) -> None:
    project = Project.objects.get(slug="ml-research")
    actor = Actor.of_user(project.organization.memberships.owner().user)
    if act == "removed":
        account = create_service_account(actor=actor, project=project, name="Own")
        remove_service_account(actor=actor, account=account)
    else:
        create_key(actor=actor, project=project, name="deploy-bot")
    call_command("seed_demo")
    assert project.service_accounts.count() == (1 if act == "removed" else 2)
    before = all_rows()
    call_command("seed_demo")
    assert all_rows() == before


def test_keys_that_were_changed_in_the_demo_stay_so(demo: None) -> None:
    for key in ApiKey.objects.listed().unrevoked():
        key.name = f"{key.name}, renamed"
        key.save(update_fields=["name"])
    before = all_rows()
    call_command("seed_demo")
    assert all_rows() == before


@pytest.mark.parametrize("changed", ["made a member", "deleted", "shut out", "archived", "closed"])
def test_an_older_demo_gets_keys_whatever_was_done_in_it(older: None, changed: str) -> None:
    northwind, visitor = (
        Organization.objects.get(slug="northwind"),
        User.objects.get(email="stranger@fabrikam.example"),
    )
    if changed == "made a member":
        northwind.memberships.create(user=visitor, role="member")
    elif changed == "deleted":
        User.objects.get(email="member@northwind.example").anonymise()
    elif changed == "shut out":
        Project.objects.update(allow_external_collaborators=False)
        Collaborator.objects.all().delete()
    elif changed == "archived":
        Project.objects.get(slug="ml-research").archive(None)
    else:
        northwind.change_state(OrganizationState.CLOSED, "")
    call_command("seed_demo")
    missing = {"archived": 11, "closed": KEYS}.get(changed, 0)
    assert ApiKey.objects.listed().count() == KEYS - missing
    if changed == "shut out":
        owner = northwind.memberships.owner().user
        makers = set(ApiKey.objects.listed().values_list("created_by__email", flat=True))
        assert makers == {owner.email, "admin@northwind.example"}


def test_projects_and_keys_have_tags_from_the_next_day_on(demo: None) -> None:
    project = Project.objects.get(slug="production")
    assert [tag.name for tag in list_tags(project)] == ["cost-center", "environment", "team"]
    assert all(tag.is_pending for tag in list_tags(project))
    key = project.api_keys.get(name="api-gateway")
    assert get_tags(key) == {"customer": "Fourth Coffee"}


def test_tags_that_were_changed_in_the_demo_stay_so(demo: None) -> None:
    project = Project.objects.get(slug="production")
    owner = Actor.of_user(User.objects.get(email="owner@northwind.example"))
    change_project_tags(actor=owner, project=project, tags={"team": "Payments"})
    call_command("seed_demo")
    assert get_tags(project) == {"team": "Payments"}


def test_someone_removed_in_the_demo_does_not_come_back(demo: None) -> None:
    Collaborator.objects.get(user__email="partner@contoso.example").delete()
    Invitation.objects.update(state="withdrawn")
    call_command("seed_demo")
    assert not Collaborator.objects.filter(user__email="partner@contoso.example").exists()
    assert not Invitation.objects.pending().exists()


def test_it_starts_again_after_people_have_used_all_of_it(demo: None) -> None:
    """`bin/run` seeds each time: what somebody did in the demo must not keep it from starting."""
    production = Project.objects.get(slug="production")
    production.slug = "production-eu"
    production.save(update_fields=["slug"])
    User.objects.filter(email="owner@northwind.example").update(email="maya@northwind.example")
    Organization.objects.get(slug="contoso").change_state(OrganizationState.CLOSED, "")
    before = all_rows()
    call_command("seed_demo")
    assert all_rows() == before


def test_a_real_installation_is_not_seeded(db: None) -> None:
    with pytest.raises(CommandError):
        call_command("seed_demo")
    assert not User.objects.exists()


def test_nothing_is_used_in_a_closed_organization(older: None) -> None:
    Organization.objects.get(slug="northwind").change_state(OrganizationState.CLOSED, "")
    call_command("seed_demo")
    places = Series.objects.values_list("organization__slug", "project__slug").distinct()
    assert list(places) == [("contoso", "contoso-default")]
