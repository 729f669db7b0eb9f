"""Terminals at the same moment: a code gives one pair of tokens, an approval is never lost."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from accounts.actors import Actor
from accounts.models import User
from accounts.sign_in.services import set_new_password
from keys.clients import CLIENTS
from keys.enums import SessionEnd
from keys.models import AccessToken, DeviceLogin, TerminalSession
from keys.models.token import IssuedTokens
from keys.terminals.services.grants import (
    GrantRefused,
    exchange_for_project_token,
    redeem_device_code,
    redeem_refresh_token,
    renew_project_token,
)
from keys.terminals.services.sessions import (
    BegunLogin,
    approve_login,
    begin_login,
    deny_login,
    end_all_terminals,
)
from tests.races.at_once import at_once, outcome
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
CLIENT = next(iter(CLIENTS.values()))
NOBODY = Actor.without_account()


def asked() -> BegunLogin:
    return begin_login(actor=NOBODY, client=CLIENT, agent="")


def poll(one: BegunLogin) -> IssuedTokens | str:
    return answer(partial(redeem_device_code, client=CLIENT, device_code=one.device_code))


def answer(grant: Any) -> IssuedTokens | str:
    """The tokens, or the word of the refusal. Anything else would be a 500 and is raised."""
    try:
        found: IssuedTokens = grant()
    except GrantRefused as refused:
        return refused.error
    return found


def logged_in(world: World) -> IssuedTokens:
    one = asked()
    approve_login(actor=Actor.of_user(world.project_member), login=one.login)
    granted = poll(one)
    assert isinstance(granted, IssuedTokens)
    return granted


def refresh(pair: IssuedTokens) -> IssuedTokens | str:
    return answer(
        partial(
            redeem_refresh_token,
            actor=NOBODY,
            client=CLIENT,
            refresh_token=pair.refresh_token,
            access_token=pair.access_token,
        )
    )


def given(answers: list[IssuedTokens | str]) -> list[IssuedTokens]:
    return [one for one in answers if isinstance(one, IssuedTokens)]


def test_fifty_polls_at_once_get_one_pair(world: World, fewer_rounds: range) -> None:
    for _ in fewer_rounds:
        one = asked()
        approve_login(actor=Actor.of_user(world.project_member), login=one.login)
        answers = at_once([partial(poll, one)] * 50)
        assert len(given(answers)) == 1
        assert Counter(map(str, set(answers) - set(given(answers)))) == {"invalid_grant": 1}
        assert TerminalSession.objects.filter(device_login=one.login).count() == 1
        assert AccessToken.objects.filter(session__device_login=one.login).count() == 1


def test_an_approval_while_the_terminal_polls_is_never_lost(world: World, rounds: range) -> None:
    for _ in rounds:
        one = asked()
        approving = partial(
            approve_login, actor=Actor.of_user(world.project_member), login=one.login
        )
        acts: list[Any] = [*[partial(poll, one)] * 4, partial(outcome, approving)]
        *polled, decided = at_once(acts)
        assert decided == "done"
        later = [poll(one), poll(one)]
        assert len(given([*polled, *later])) == 1


def test_approved_and_denied_at_once_one_of_them_holds(world: World, rounds: range) -> None:
    for _ in rounds:
        one = asked()
        ways = at_once(
            [
                partial(
                    outcome,
                    partial(approve_login, actor=Actor.of_user(world.owner), login=one.login),
                ),
                partial(
                    outcome, partial(deny_login, actor=Actor.of_user(world.member), login=one.login)
                ),
            ]
        )
        assert sorted(ways) == ["conflict", "done"]
        expected = "IssuedTokens" if ways[0] == "done" else "access_denied"
        found = poll(one)
        assert (type(found).__name__ if isinstance(found, IssuedTokens) else found) == expected


def test_two_people_approve_at_once_and_one_is_logged_in(world: World, rounds: range) -> None:
    people = (world.owner, world.stranger)
    for _ in rounds:
        one = asked()
        ways = at_once(
            [
                partial(
                    outcome, partial(approve_login, actor=Actor.of_user(person), login=one.login)
                )
                for person in people
            ]
        )
        assert sorted(ways) == ["conflict", "done"]
        assert isinstance(poll(one), IssuedTokens)
        session = TerminalSession.objects.get(device_login=one.login)
        assert session.user == people[ways.index("done")]


def test_a_refresh_token_sent_twice_at_once_ends_the_login(world: World, rounds: range) -> None:
    for _ in rounds:
        pair = logged_in(world)
        answers = at_once([partial(refresh, pair)] * 2)
        assert len(given(answers)) == 1
        session = TerminalSession.objects.order_by("-pk")[0]
        assert session.ended_because == SessionEnd.REUSE
        assert refresh(given(answers)[0]) == "invalid_grant"


def test_logged_out_while_it_is_given_tokens(world: World, rounds: range) -> None:
    for _ in rounds:
        pair = logged_in(world)
        resource = world.research.public_id
        exchange = partial(
            exchange_for_project_token,
            client=CLIENT,
            subject_token=pair.access_token,
            resource=resource,
        )
        token = exchange()
        again = partial(renew_project_token, client=CLIENT, access_token=token.access_token)
        acts: list[Any] = [
            *(partial(answer, exchange), partial(answer, again), partial(refresh, pair)),
            partial(end_all_terminals, actor=Actor.of_user(world.project_member)),
        ]
        *answers, ended = at_once(acts)
        assert ended == 1
        assert set(answers) - set(given(answers)) <= {"invalid_grant"}
        for one in given(answers):
            renewing = partial(renew_project_token, client=CLIENT, access_token=one.access_token)
            assert answer(renewing) == "invalid_grant"


def test_polls_at_once_are_asked_to_slow_down(world: World, rounds: range) -> None:
    for _ in rounds:
        one = asked()
        answers = Counter(map(str, at_once([partial(poll, one)] * 4)))
        assert set(answers) <= {"authorization_pending", "slow_down"}
        assert answers["authorization_pending"] == 1
    assert DeviceLogin.objects.open().exists()


def test_a_terminal_polls_while_its_approval_ends(world: World, rounds: range) -> None:
    """Whichever comes first: afterwards no terminal is signed in, and no code gives tokens any more."""
    actor = Actor.of_user(world.project_member)
    endings: list[Any] = [
        partial(end_all_terminals, actor=actor),
        partial(
            set_new_password,
            actor=actor,
            user=world.project_member,
            password="an entirely different long one",
            revoke_tokens=True,
        ),
    ]
    for number in rounds:
        world.project_member.refresh_from_db()
        one = asked()
        approve_login(actor=Actor.of_user(world.project_member), login=one.login)
        acts: list[Any] = [*[partial(poll, one)] * 3, endings[number % 2]]
        *answers, _ = at_once(acts)
        assert len(given(answers)) <= 1
        assert poll(one) == "invalid_grant"
        assert not world.project_member.terminal_sessions.alive().exists()


def test_a_login_is_not_approved_with_a_password_that_is_being_changed(
    world: World, rounds: range
) -> None:
    for number in rounds:
        one = asked()
        stale = User.objects.get(pk=world.project_member.pk)
        changing = partial(
            set_new_password,
            actor=Actor.of_user(world.project_member),
            user=world.project_member,
            password=f"an entirely different long one {number}",
            revoke_tokens=True,
        )
        approving = partial(approve_login, actor=Actor.of_user(stale), login=one.login)
        at_once([partial(outcome, approving), partial(outcome, changing)])
        assert isinstance(poll(one), str)
