"""Second factors are added, used, required and reset while people sign in: nothing slips through."""

from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.actors import Actor
from accounts.factors.services import add_authenticator_app, remove_factor
from accounts.models import Organization, User, UserSession
from accounts.organizations.services.sign_in_rules import change_sign_in_rules
from accounts.support.services.factor_resets import (
    cancel_factor_reset,
    request_factor_reset,
    reset_due_factors,
)
from tests.races.at_once import assert_rules_hold, at_once, outcomes
from tests.support.factors import code_of, enter_password, let_reset_wait_pass, with_app
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
SECOND_FACTOR = "/accounts/login/second-factor/"


def add_app(user: User) -> Any:
    return add_authenticator_app(actor=Actor.of_user(user), name="Phone", secret="A" * 32, code="")


def is_in(client: Client) -> bool:
    return client.get("/accounts/profile/").status_code == 200


def without_factors(user: User) -> None:
    user.authenticator_set.all().delete()
    user.sessions.all().end()
    cache.clear()


def test_no_session_begins_without_the_factor_that_is_added_meanwhile(
    world: World, rounds: range
) -> None:
    for _ in rounds:
        browsers = [Client() for _ in range(3)]
        at_once(
            [
                *(partial(enter_password, browser, world.member) for browser in browsers),
                partial(add_app, world.member),
            ]
        )
        assert [is_in(browser) for browser in browsers] == [False] * 3
        assert not UserSession.objects.filter(user=world.member).exists()
        without_factors(world.member)


def code_answers(user: User, code: str, number: int) -> list[int]:
    browsers = [Client() for _ in range(number)]
    for browser in browsers:
        enter_password(browser, user)
    send = [partial(browser.post, SECOND_FACTOR, {"code": code}) for browser in browsers]
    return sorted(answer.status_code for answer in at_once(send))


def test_a_code_sent_from_several_places_at_once_signs_in_once(
    world: World, fewer_rounds: range
) -> None:
    for _ in fewer_rounds:
        secret, codes = with_app(world.member)
        for code in (code_of(secret), codes[0]):
            answers = code_answers(world.member, code, 4)
            assert answers.count(302) == 1, answers
            assert set(answers) <= {302, 422, 429}
        without_factors(world.member)


def test_of_two_last_factors_removed_at_once_one_stays_where_it_is_required(
    world: World, rounds: range
) -> None:
    actor = Actor.of_user(world.member)
    Organization.objects.filter(pk=world.organization.pk).update(second_factor_required=True)
    for _ in rounds:
        app = add_app(world.member).factor
        passkey = world.member.authenticator_set.create(type="webauthn", data={"name": "Key"})
        came = outcomes(
            partial(remove_factor, actor=actor, factor=app),
            partial(remove_factor, actor=actor, factor=passkey),
        )
        assert came == {"done": 1, "conflict": 1}
        assert world.member.has_second_factor
        without_factors(world.member)


def test_nobody_requires_a_factor_while_their_last_one_is_removed(
    world: World, rounds: range
) -> None:
    """Else the Owner would be locked out of their own organization."""
    actor = Actor.of_user(world.owner)
    for _ in rounds:
        app = add_app(world.owner).factor
        came = outcomes(
            partial(remove_factor, actor=actor, factor=app),
            partial(
                change_sign_in_rules,
                actor=actor,
                organization=world.organization,
                members=True,
                externals=False,
            ),
        )
        world.organization.refresh_from_db()
        assert came == {"done": 1, "conflict": 1}
        assert world.organization.second_factor_required == world.owner.has_second_factor
        Organization.objects.update(second_factor_required=False)
        without_factors(world.owner)


def test_once_it_is_required_no_request_gets_through(world: World, fewer_rounds: range) -> None:
    with_app(world.owner)
    page = f"/settings/organization/{world.organization.slug}/"
    for _ in fewer_rounds:
        browsers = [Client() for _ in range(3)]
        for browser in browsers:
            enter_password(browser, world.member)
        turn = partial(
            change_sign_in_rules,
            actor=Actor.of_user(world.owner),
            organization=world.organization,
            members=True,
            externals=True,
        )
        at_once([turn, *(partial(browser.get, page) for browser in browsers)])
        assert [browser.get(page).status_code for browser in browsers] == [403] * 3
        assert world.member.memberships.filter(organization=world.organization).exists()
        Organization.objects.update(
            second_factor_required=False, second_factor_required_of_externals=False
        )
        without_factors(world.member)
    assert_rules_hold()


def test_a_reset_is_canceled_or_done_never_both(world: World, rounds: range) -> None:
    for _ in rounds:
        with_app(world.member)
        reset = request_factor_reset(
            actor=Actor.of_user(world.staff), user=world.member, note="Seen."
        )
        let_reset_wait_pass(reset)
        outcomes(
            partial(cancel_factor_reset, actor=Actor.of_user(world.member), reset=reset),
            reset_due_factors,
        )
        reset.refresh_from_db()
        assert world.member.has_second_factor == (reset.state == "canceled")
        without_factors(world.member)
