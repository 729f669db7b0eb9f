"""Text filters, sorting and *Search or jump to* in any script and spelling, alike on both databases."""

import unicodedata
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import Organization, PersonalData, User
from accounts.organizations.services.organizations import change_organization
from accounts.searching import LINE_LENGTH, fold
from accounts.web.pagination import PAGE_SIZE
from keys.models import ApiKey
from projects.models import Project
from tests.keys.helpers.personal_tokens import made
from tests.routes.library_table import MODELS
from tests.routes.table import ORGANIZATION, PROJECT
from tests.support.pages import signed_in
from tests.world import World, build_world, issued

pytestmark = pytest.mark.django_db

# Eight scripts; each name is stored composed and decomposed, in upper case and as it is.
WORDS = [
    "Ärzte Portal", "straße", "İstanbul", "Zürich", "Ångström",  # Latin
    "Ελλάς", "Ήλιος",  # Greek
    "Йошкар-Ола", "Ёлка",  # Cyrillic
    "שלום",  # Hebrew
    "مرحبا",  # Arabic
    "हिन्दी",  # Devanagari
    "한국어",  # Hangul
    "プロジェクト", "東京",  # Kana and Han
]  # fmt: skip
FORMS = ("NFC", "NFD")
NAMES = [
    unicodedata.normalize(form, word.upper() if upper else word)
    for word in WORDS
    for form in FORMS
    for upper in (False, True)
]
# The one order of their folded forms, by code points: what both databases have to answer.
ORDERED = sorted(fold(name) for name in NAMES)
# More conditions than a database can read, if each word were one: 181 words, as 60 characters, and 2,000.
MANY_WORDS = {"forms": "\ufdfa" * 60, "letters": " ".join("abcde" * 10), "long": "a " * 2000}


@pytest.fixture
def world() -> World:
    return build_world()


def spellings(word: str) -> list[str]:
    return [
        unicodedata.normalize(form, spelled)
        for form in FORMS
        for spelled in (word, word.upper(), word.lower())
    ]


def make_projects(organization: Organization) -> None:
    organization.project_limit = 100
    organization.save(update_fields=["project_limit"])
    organization.projects.bulk_create(
        Project(organization=organization, name=name, slug=f"project-{number}")
        for number, name in enumerate(NAMES)
    )


def rows(world: World, name: str, **query: str) -> Any:
    of = world.research if name in ("api_keys", "collaborators") else world.organization
    response = signed_in(world.owner).get(reverse(name, args=[of.slug]), query)
    assert response.status_code == 200
    return response.context["page"].rows


@pytest.mark.parametrize("word", WORDS)
def test_a_name_is_found_in_every_spelling(world: World, word: str) -> None:
    make_projects(world.organization)
    expected = {
        project.pk
        for project in world.organization.projects.all()
        if fold(word) in fold(project.name)
    }
    assert len(expected) >= 3
    for spelling in spellings(word):
        assert {row.pk for row in rows(world, "projects", q=spelling)} == expected


@pytest.mark.parametrize("sort", ["name", "-name"])
def test_names_are_sorted_alike_over_all_pages(world: World, sort: str) -> None:
    make_projects(world.organization)
    browser, path = signed_in(world.owner), reverse("projects", args=[world.organization.slug])
    names, url = [], f"{path}?q=project-&sort={sort}"
    while url:
        page = browser.get(url).context["page"]
        names += [fold(row.name) for row in page.rows]
        url = page.next_url and path + page.next_url
    assert len(names) == 60 > PAGE_SIZE
    assert names == (ORDERED if sort == "name" else ORDERED[::-1])


@pytest.mark.parametrize("page", ["api_keys", "organization_keys", "organization_tokens"])
def test_keys_and_tokens_are_found_by_name(world: World, page: str) -> None:
    issued(world.research, world.owner, "Ärzte")
    made(world.owner, world.research, name="Ärzte")
    for spelling in spellings("ärzte"):
        assert [row.name for row in rows(world, page, q=spelling)] == ["Ärzte"]


@pytest.mark.parametrize("page", ["members", "collaborators"])
def test_people_are_found_by_name(world: World, page: str) -> None:
    world.project_member.name = "Jörg Weiß"
    world.project_member.save(update_fields=["name"])
    for spelling in [*spellings("jörg"), "WEISS", "weiß jorg"]:
        (row,) = rows(world, page, q=spelling)
        assert row.user == world.project_member


def test_an_email_address_is_found_by_its_domain_as_people_write_it(world: World) -> None:
    world.project_member.email = "jo@xn--bcher-kva.example"
    world.project_member.save(update_fields=["email"])
    for text in ("bücher.example", "xn--bcher-kva", "JO@BÜCHER"):
        (row,) = rows(world, "members", q=text)
        assert row.user == world.project_member


@pytest.mark.parametrize("text", ["portal ärzte", "ARZTE por", *spellings("ärzte portal")])
def test_all_words_have_to_match_in_search_or_jump_to(world: World, text: str) -> None:
    make_projects(world.organization)
    sections = signed_in(world.owner).get(reverse("search"), {"q": text}).context["sections"]
    results = {section.title: section.results for section in sections}
    assert {fold(result.label) for result in results["Projects"]} == {"arzte portal"}
    assert len(results["Projects"]) == 4


def test_accents_alone_find_nothing(world: World) -> None:
    assert rows(world, "projects", q="\u0308") == []


@pytest.mark.parametrize("column", ["q", "target"])
def test_the_audit_log_finds_letters_instead_of_escapes(world: World, column: str) -> None:
    change_organization(
        actor=Actor.of_user(world.owner),
        organization=world.organization,
        name="Müller & Söhne",
    )
    for spelling in spellings("söhne"):
        assert len(rows(world, "audit_log", **{column: spelling})) == 1
    assert rows(world, "audit_log", **{column: "u00f6"}) == []


def test_the_target_is_not_searched_among_actors_and_values(world: World) -> None:
    change_organization(
        actor=Actor.of_user(world.owner),
        organization=world.organization,
        name="Renamed",
    )
    assert rows(world, "audit_log", target=world.owner.email, act="organization.changed") == []


def test_django_admin_finds_every_spelling(world: World) -> None:
    world.research.name = "Ärzte"
    world.research.save(update_fields=["name"])
    path = reverse("admin:projects_project_changelist")
    for spelling in spellings("ärzte"):
        changelist = signed_in(world.staff).get(path, {"q": spelling}).context["cl"]
        assert list(changelist.queryset) == [world.research]


def test_a_saved_name_is_searched_at_once(world: World) -> None:
    world.research.name = "Überblick"
    world.research.save(update_fields=["name"])
    assert Project.objects.get(pk=world.research.pk).search_text == "uberblick\nresearch"


def test_rows_of_the_version_before_are_filled_by_migrate(world: World) -> None:
    Project.objects.update(search_text="")
    ApiKey.objects.update(search_text="")
    User.objects.update(search_text="")
    call_command("migrate", verbosity=0)
    assert Project.objects.get(pk=world.research.pk).search_text == "research\nresearch"
    assert ApiKey.objects.get(pk=world.key.pk).search_text == "notebooks"
    assert not User.objects.filter(search_text="").exists()


def test_events_without_a_folded_text_are_found_as_they_are_stored(world: World) -> None:
    assert rows(world, "audit_log", q="Research")
    PersonalData.objects.all().delete()
    assert rows(world, "audit_log", q="research")


def test_a_long_fold_fits_into_an_index() -> None:
    assert len(fold("\ufdfa" * 100)) > LINE_LENGTH
    project = Project(name="\ufdfa" * 100, slug="long")
    assert len(Project._meta.get_field("search_text").pre_save(project, True)) <= LINE_LENGTH + 5


@pytest.mark.parametrize("words", MANY_WORDS)
def test_many_words_break_no_list(world: World, words: str) -> None:
    client = signed_in(world.owner)
    paths = [reverse(name, args=[world.organization.slug]) for name in ORGANIZATION]
    paths += [reverse(name, args=[world.research.slug]) for name in PROJECT]
    paths += [reverse(name) for name in ("search", "access_tokens", "organizations")]
    query = dict.fromkeys(("q", "target", "actor"), MANY_WORDS[words])
    answers = {path: client.get(path, query).status_code for path in paths}
    assert {path: code for path, code in answers.items() if code >= 500} == {}
    assert list(answers.values()).count(200) > 20


@pytest.mark.parametrize("words", MANY_WORDS)
def test_many_words_break_no_list_of_django_admin(world: World, words: str) -> None:
    client = signed_in(world.staff)
    for path in ("admin:index", *(f"admin:{model}_changelist" for model in MODELS)):
        assert client.get(reverse(path), {"q": MANY_WORDS[words]}).status_code == 200


def test_no_word_of_an_ordinary_filter_is_ignored(world: World) -> None:
    world.research.name = " ".join("abcde" * 10)
    world.research.save(update_fields=["name"])
    assert rows(world, "projects", q=world.research.name) == [world.research]
    assert rows(world, "projects", q=world.research.name[:-1] + "x") == []
