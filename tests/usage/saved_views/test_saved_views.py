"""Saved views of usage: saving, listing, renaming and deleting one's own."""

from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse

from accounts.actors import Actor
from accounts.errors import Conflict
from accounts.models import User
from accounts.models.principals import Principal
from accounts.people.services.deletion import delete_account
from tests.support.pages import own_queries, queries, signed_in, words
from tests.world import World
from usage.models import SavedView
from usage.models.saved_view import MAX_VIEWS
from usage.saved_views.services import save_view

pytestmark = pytest.mark.django_db
QUERY = "start=2026-11-01&end=2026-11-14&group_by=model&product=volumes&product=files"


def save(world: World, name: str, user: User | None = None, query: str = QUERY) -> Any:
    path = reverse("usage_view_save", args=[world.research.slug])
    return signed_in(user or world.owner).post(f"{path}?{query}", {"name": name})


def saved(world: World, name: str) -> SavedView:
    return SavedView.objects.get(user=world.owner, name=name)


def test_a_view_keeps_what_the_address_says_and_nothing_else(world: World) -> None:
    answer = save(world, "Volumes", query=f"{QUERY}&page=3&format=csv&next=//evil.example")
    path, _, query = answer["Location"].partition("?")
    assert path == reverse("usage", args=["research"])
    assert QueryDict(query) == QueryDict(QUERY)
    client = signed_in(world.owner)
    shown = client.get(answer["Location"])
    assert shown.context["report"].group_by == "model"
    listed = client.get(reverse("saved_views"))
    assert "Volumes Northwind Research" in words(listed)
    assert saved(world, "Volumes").url == answer["Location"]


def test_the_page_links_to_saving_itself(world: World) -> None:
    path = reverse("usage", args=["research"])
    response = signed_in(world.owner).get(f"{path}?{QUERY}")
    assert QueryDict(response.context["save_view_url"].partition("?")[2]) == QueryDict(QUERY)


def test_names_are_used_once_by_each_person(world: World) -> None:
    assert save(world, "Mine").status_code == 302
    again = save(world, "Mine")
    assert again.status_code == 409
    assert "You already have a view with this name." in words(again)
    assert save(world, "Mine", world.project_member).status_code == 302
    assert save(world, " ").status_code == 422


def test_a_person_has_at_most_twenty_and_room_after_deleting_one(world: World) -> None:
    actor = Actor(Principal.of_absent(world.owner))
    for number in range(MAX_VIEWS):
        save_view(actor=actor, target=world.organization, name=f"view {number}", query="")
    with pytest.raises(Conflict):
        save_view(actor=actor, target=world.research, name="one more", query="")
    path = reverse("saved_view_delete", args=[saved(world, "view 7").public_id])
    assert signed_in(world.owner).post(path).status_code == 302
    view = save_view(actor=actor, target=world.research, name="one more", query="")
    assert view.number == 8


def test_a_query_that_is_too_long_is_refused(world: World) -> None:
    query = "&".join(["start=2026-11-01"] * 150)
    answer = save(world, "Long", query=query)
    assert answer.status_code == 422
    assert "too many filters" in words(answer)


def test_views_are_renamed(world: World) -> None:
    save(world, "Before")
    save(world, "Taken")
    client, path = (
        signed_in(world.owner),
        reverse("saved_view_rename", args=[saved(world, "Before").public_id]),
    )
    assert client.post(path, {"name": "Taken"}).status_code == 409
    assert client.post(path, {"name": "Before"}).status_code == 302
    assert client.post(path, {"name": "After"}).status_code == 302
    assert saved(world, "After").name == "After"


@pytest.mark.parametrize("act", ["saved_view_rename", "saved_view_delete"])
def test_views_of_others_are_as_unknown_as_any(world: World, act: str) -> None:
    save(world, "Mine")
    view = saved(world, "Mine")
    for user in (world.admin, world.external, world.stranger):
        client = signed_in(user)
        answers = [
            client.post(reverse(act, args=[reference]), {"name": "Theirs"})
            for reference in (view.public_id, "view_00000000000000000000")
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert "Mine" not in words(client.get(reverse("saved_views")))
    assert saved(world, "Mine").name == "Mine"


def test_who_may_not_see_usage_saves_nothing(world: World) -> None:
    for user, status in ((world.external, 403), (world.external_admin, 403), (world.stranger, 404)):
        assert save(world, "Theirs", user).status_code == status
    path = reverse("cost_analytics_view_save", args=[world.organization.slug])
    assert signed_in(world.member).post(path, {"name": "All"}).status_code == 403
    assert not SavedView.objects.exists()


def test_a_view_of_a_page_that_cannot_be_opened_says_so_and_can_be_deleted(world: World) -> None:
    save(world, "Mine", world.project_member)
    client = signed_in(world.project_member)
    assert "Mine Northwind Research" in words(client.get(reverse("saved_views")))
    remove = reverse("collaborator_remove", args=["research", world.project_member_row.public_id])
    assert signed_in(world.owner).post(remove).status_code == 302
    view = SavedView.objects.get()
    listed = client.get(reverse("saved_views"))
    assert "Mine No access — —" in words(listed)
    assert view.url not in listed.content.decode()
    assert client.post(reverse("saved_view_delete", args=[view.public_id])).status_code == 302
    assert not SavedView.objects.exists()


def test_views_are_sorted_without_case_and_accents(world: World) -> None:
    for name in ("Zebra", "apple", "Éclair"):
        save(world, name)
    listed = words(signed_in(world.owner).get(reverse("saved_views")))
    assert listed.index("apple") < listed.index("Éclair") < listed.index("Zebra")


def test_a_view_keeps_the_order_of_its_filters(world: World) -> None:
    query = f"api_key={world.key.public_id}&product=volumes"
    assert save(world, "Narrow", query=query)["Location"].endswith(f"?{query}")


def test_a_report_that_cannot_be_opened_is_not_saved(world: World) -> None:
    answer = save(world, "Wrong", query="start=never&product=tea")
    assert signed_in(world.owner).get(answer["Location"]).status_code == 422
    assert not SavedView.objects.exists()


def test_one_and_twenty_views_cost_the_same_queries(world: World) -> None:
    client, counts = signed_in(world.owner), []
    save(world, "First")
    client.get(reverse("saved_views"))
    for number in range(2):
        with queries() as captured:
            client.get(reverse("saved_views"))
        counts.append(len(own_queries(captured)))
        for each in range(0 if number else 19):
            save(world, f"view {each}")
    assert counts[0] == counts[1]


def test_views_are_deleted_with_the_account(world: World) -> None:
    save(world, "Mine", world.project_member)
    save(world, "Theirs")
    delete_account(actor=Actor.of_user(world.project_member))
    assert [view.name for view in SavedView.objects.all()] == ["Theirs"]
