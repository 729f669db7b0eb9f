"""Several people invited at once from a CSV file: checked first, then all good rows in one step."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.enums import Action
from accounts.models import AuditEvent, Invitation, OutgoingMail, User
from tests.support.pages import queries, signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
HEADING = "email,name,role,project,project role\n"


def address(world: World) -> str:
    return reverse("members_invite_file", args=[world.organization.slug])


def upload(world: World, content: str | bytes, *, by: User | None = None, **data: Any) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    data = {"file": SimpleUploadedFile("people.csv", raw), "role": "member", **data}
    return signed_in(by or world.owner).post(address(world), data)


def paste(world: World, text: str, **data: Any) -> Any:
    return signed_in(world.owner).post(
        address(world), {"people": text, "role": "member", **data}, follow=True
    )


def confirm(world: World, page: Any, client: Client | None = None, **data: Any) -> Any:
    """Sends the preview that `page` shows."""
    form, preview = page.context["form"], page.context["preview"]
    fields = {name: form[name].value() for name in ("people", "role", "form_token")}
    fields |= {"confirmed": preview.mark, **data}
    return (client or signed_in(world.owner)).post(address(world), fields, follow=True)


def invited(world: World) -> dict[str, str]:
    pending = world.organization.invitations.pending().exclude(role="")
    rows = dict(pending.values_list("email", "role"))
    rows.pop(world.member_invitation.email, None)
    return rows


def results(page: Any) -> dict[str, str]:
    return {row.person.email: row.note or row.result for row in page.context["preview"].rows}


def test_everyone_is_shown_before_anything_is_sent(world: World) -> None:
    mails = OutgoingMail.objects.count()
    page = upload(world, HEADING + "a@x.example,Ann,admin,,\nb@x.example,,,research,admin\n")
    assert page.status_code == 200
    assert results(page) == {"a@x.example": "Will be invited", "b@x.example": "Will be invited"}
    text = words(page)
    assert "2 of 2 people can be added." in text
    assert "a@x.example Ann 2 Admin" in text
    assert "Member, Research (Admin)" in text
    assert "Send 2 invitations" in text
    assert (invited(world), OutgoingMail.objects.count()) == ({}, mails)


def test_all_good_rows_are_invited_in_one_step_as_by_single_invitations(world: World) -> None:
    page = upload(
        world,
        HEADING
        + "a@x.example,Ann,Admin,,\n"
        + f"b@x.example,,,research:admin {world.production.public_id},\n"
        + "nobody,,,,\n",
    )
    response = confirm(world, page)
    assert "2 people were invited to Northwind. 1 row was skipped." in words(response)
    assert invited(world) == {"a@x.example": "admin", "b@x.example": "member"}
    events = AuditEvent.objects.filter(act=Action.INVITATION_SENT).order_by("-pk")[:2]
    assert [event.values_after for event in events] == [
        {"role": "member", "projects": {"research": "admin", "production": "member"}},
        {"role": "admin", "projects": {}},
    ]
    assert OutgoingMail.objects.filter(to__in=["a@x.example", "b@x.example"]).count() == 2
    assert response.redirect_chain[0][0].endswith("#new-invitation")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("nobody,,,,", "“nobody” is not an email address. Correct or remove it."),
        (",Ann,,,", "The email address is missing."),
        ("a@x.example b@x.example,,,,", "is not an email address"),
        ("a@x.example,,owner,,", "You can't invite an Owner. Use admin or member."),
        ("a@x.example,,boss,,", "“boss” is not a role. Use admin or member."),
        ("a@x.example,,,rockets,", "You can't add people to “rockets”."),
        ("a@x.example,,,northwind-default,", "You can't add people to “northwind-default”."),
        ("a@x.example,,,research,boss", "“boss” is not a project role. Use admin or member."),
        ("a@x.example,,,research:boss,", "“boss” is not a project role. Use admin or member."),
        ("GOOD@x.example,,,,", "Same email address as in line 2."),
        ("member@northwind.example,,,,", "Member is already a member."),
        ("{invited},,,,", "Already invited. You can resend or withdraw the invitation."),
    ],
)
def test_a_row_that_is_refused_is_named_with_its_reason_and_stops_no_other(
    world: World, row: str, reason: str
) -> None:
    row = row.replace("{invited}", world.member_invitation.email)
    page = upload(world, f"{HEADING}good@x.example,,,,\n{row}\n")
    assert page.status_code == 200
    (refused,) = page.context["preview"].refused
    assert (refused.person.line, refused.result) == (3, "Not added")
    assert reason in refused.note
    assert reason in words(page)
    confirm(world, page)
    assert list(invited(world)) == ["good@x.example"]


def test_a_row_that_is_refused_does_not_make_a_later_one_a_duplicate(world: World) -> None:
    page = upload(world, HEADING + "a@x.example,,boss,,\na@x.example,,admin,,\n")
    assert len(page.context["preview"].entries) == 1
    confirm(world, page)
    assert invited(world) == {"a@x.example": "admin"}


def test_mistyped_domains_are_hinted_at_and_stop_no_one(world: World) -> None:
    page = paste(world, "a@nortwhind.example\nb@gmial.com\nc@gmail.com\nd@elsewhere.example")
    assert results(page) == {
        "a@nortwhind.example": "Did you mean a@northwind.example?",
        "b@gmial.com": "Did you mean b@gmail.com?",
        "c@gmail.com": "Will be invited",
        "d@elsewhere.example": "Will be invited",
    }
    confirm(world, page)
    assert len(invited(world)) == 4


def test_the_role_of_the_form_is_that_of_rows_without_one(world: World) -> None:
    page = paste(world, "email,role\na@x.example,\nb@x.example,member\n", role="admin")
    confirm(world, page)
    assert invited(world) == {"a@x.example": "admin", "b@x.example": "member"}


def test_sent_twice_it_invites_once(world: World) -> None:
    events = AuditEvent.objects.filter(act=Action.INVITATION_SENT)
    before = events.count()
    client, page = signed_in(world.owner), paste(world, "a@x.example\nb@x.example")
    confirm(world, page, client)
    response = confirm(world, page, client)
    assert "You already sent this form." in words(response)
    assert len(invited(world)) == 2
    assert events.count() == before + 2


def test_the_first_page_can_be_used_for_a_second_list(world: World) -> None:
    client = signed_in(world.owner)
    token = client.get(address(world)).context["form"]["form_token"].value()
    for email in ("a@x.example", "b@x.example"):
        data = {"people": email, "role": "member", "form_token": token}
        confirm(world, client.post(address(world), data), client)
    assert len(invited(world)) == 2


def test_a_list_that_was_changed_after_the_preview_is_shown_again(world: World) -> None:
    page = paste(world, "a@x.example")
    response = confirm(world, page, people="a@x.example\nb@x.example")
    assert response.status_code == 409
    assert "has changed since. Check it again." in words(response)
    assert invited(world) == {}
    confirm(world, response)
    assert len(invited(world)) == 2


def test_what_has_happened_since_the_preview_is_shown_again(world: World) -> None:
    page = paste(world, "a@x.example\nb@x.example")
    confirm(world, paste(world, "b@x.example"))
    response = confirm(world, page)
    assert response.status_code == 409
    assert results(response)["b@x.example"].startswith("Already invited.")
    confirm(world, response)
    assert Invitation.objects.filter(email__in=["a@x.example", "b@x.example"]).count() == 2


@pytest.mark.parametrize("mark", ["", "x", "x" * 40, "\x00"])
def test_without_the_mark_of_the_preview_nothing_is_sent(world: World, mark: str) -> None:
    response = confirm(world, paste(world, "a@x.example"), confirmed=mark)
    assert response.status_code in (200, 409, 422)
    assert invited(world) == {}


def test_the_limit_is_said_before_and_kept(world: World, settings: Settings) -> None:
    sent = OutgoingMail.objects.filter(invitation__organization=world.organization).count()
    settings.INVITATIONS_PER_DAY_NEW = sent + 2
    page = paste(world, "a@x.example\nnobody\nb@x.example\nc@x.example")
    assert "You can send 2 more invitations now." in words(page)
    assert "You can only send 2 invitations now." in results(page)["c@x.example"]
    response = confirm(world, page)
    assert "2 people were invited to Northwind. 2 rows were skipped." in words(response)
    page = paste(world, "d@x.example")
    assert "You can't send more invitations now. Try again tomorrow." in words(page)
    assert page.context["preview"].entries == []
    assert "confirmed" not in page.content.decode()


def test_an_address_that_gets_too_many_is_refused_before(world: World, settings: Settings) -> None:
    confirm(world, paste(world, "a@x.example"))
    Invitation.objects.get(email="a@x.example").finish("withdrawn", world.owner)
    settings.INVITATIONS_PER_RECIPIENT = 1
    page = paste(world, "a@x.example\nb@x.example")
    assert "too many invitations today" in results(page)["a@x.example"]


def test_those_refused_at_the_last_moment_stay_with_the_reason(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    page = paste(world, HEADING + "a@x.example,Ann,admin,,\nnobody,,,,\nb@x.example,Bob,,,\n")
    sent = OutgoingMail.objects.filter(invitation__organization=world.organization).count()
    # Since the preview was built, somebody else has used the rest of the limit.
    monkeypatch.setattr("accounts.members.people_views.count_remaining", lambda *_: 9)
    settings.INVITATIONS_PER_DAY_NEW = sent + 1
    response = confirm(world, page)
    assert response.status_code == 429
    assert invited(world) == {"a@x.example": "admin"}
    text = words(response)
    assert "1 person was invited. The others are below, with the reason for each." in text
    assert "Line 4: Northwind has sent" in text
    left = response.context["form"]["people"].value().splitlines()
    assert left == ["email,name,role,project,project role", "nobody,,,,", "b@x.example,Bob,,,"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 xlsx", "save or download it as CSV"),
        (b"\x00\xff\xfe\xfd\x00", "not a CSV file"),
        (b"name,role\nAnn,admin\n", "has to be “email”"),
        (b"email\n" + b"a@x.example\n" * 201, "There are 201 people. Add at most 200 at once"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_at_its_field(
    world: World, content: bytes, reason: str
) -> None:
    response = upload(world, content)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"file"}
    assert reason in words(response)


def test_the_file_counts_if_there_are_also_pasted_rows(world: World) -> None:
    page = upload(world, "a@x.example\n", people="b@x.example")
    assert list(results(page)) == ["a@x.example"]
    assert page.context["form"]["people"].value() == "a@x.example\n"


def test_nothing_at_all_is_refused(world: World) -> None:
    response = paste(world, "")
    assert response.status_code == 422
    assert "Choose a file or paste its rows." in words(response)


def test_text_of_the_file_is_escaped(world: World) -> None:
    page = upload(world, 'email,name,role\n<b>@x.example,<script>,"<i>"\n')
    source = page.content.decode()
    assert "<script>," not in source
    assert "<i>" not in source


def test_the_whole_file_costs_as_many_queries_as_one_row(world: World) -> None:
    client = signed_in(world.owner)

    def count(number: int) -> int:
        rows = "".join(f"p{n}@x.example,,,research\n" for n in range(number))
        data = {"people": "email,name,role,project\n" + rows, "role": "member"}
        with queries() as made:
            assert client.post(address(world), data).status_code == 200
        return len(made)

    count(1)
    assert count(1) == count(200)


@pytest.mark.parametrize(
    ("who", "status"),
    [("admin", 200), ("member", 403), ("external_admin", 403), ("stranger", 404), ("staff", 404)],
)
def test_those_who_may_invite_may_upload(world: World, who: str, status: int) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(getattr(world, who))
    assert client.get(address(world)).status_code == status
    data = {"people": "a@x.example", "role": "member", "confirmed": "x"}
    assert client.post(address(world), data).status_code == (409 if status == 200 else status)
    assert invited(world) == {}


def test_the_dialog_for_single_invitations_leads_there(world: World) -> None:
    page = signed_in(world.owner).get(reverse("member_invite", args=[world.organization.slug]))
    assert f'href="{address(world)}"' in page.content.decode()
