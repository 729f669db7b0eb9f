"""Ends what was granted to a user, when what allowed it ends. docs/security.md has the table of both."""

from accounts.actors import Actor
from accounts.models import Membership, Organization, User
from accounts.models.principals import Principal


def end_lost_access(*, actor: Actor, user: User, organization: Organization) -> int:
    """Ends tokens for the organization and its projects that the user's present roles do not allow.

    Returns the number of personal access tokens revoked. Call it in the transaction that lowered a role or
    removed a row, which locked the organization: given the role again, they create others. An
    archived project or a suspended organization does not count as a lost role.
    """
    visible = organization.projects.visible_to(Principal.of_absent(user))
    tokens = {"access_tokens__session__user": user, "access_tokens__ended_at__isnull": True}
    lost = organization.projects.filter(**tokens).exclude(pk__in=visible.values("pk"))
    for project in lost.distinct():
        project.access_tokens.filter(session__user=user).end()
    return user.personal_tokens.filter(organization=organization).revoke_lost(actor)


def delete_membership(*, actor: Actor, membership: Membership) -> None:
    """Deletes the membership with its collaborator rows, and revokes the user's tokens of the organization.

    Periods of access end now. Call it with the organization locked.
    """
    user, organization = membership.user, membership.organization
    user.personal_tokens.filter(organization=organization).revoke_all(actor)
    end_collaborations(user=user, organization=organization)
    organization.membership_periods.filter(user=user).end()
    membership.delete()  # which also deletes its collaborator rows


def delete_collaborators(*, user: User, organization: Organization) -> None:
    """Deletes the user's collaborator rows in the organization, in a fixed number of queries.

    Periods of access end now, or at their end dates if those have passed. Triggers end the tokens of
    terminals. Call it with the organization locked and the user's personal access tokens revoked.
    """
    end_collaborations(user=user, organization=organization)
    user.collaborations.filter(project__organization=organization).delete()


def end_collaborations(*, user: User, organization: Organization) -> None:
    """Ends the periods of access to projects of the organization, whose rows the caller deletes."""
    rows = user.collaborations.filter(project__organization=organization)
    for row in rows.ended():  # hardly any, since `tend` removes them
        row.delete_with_period()
    user.collaboration_periods.filter(project__organization=organization).end()


def end_sign_ins(user: User) -> None:
    """Ends terminals, approved logins and browser sessions of an account that is deactivated.

    Should it become active again, its owner sets a new password. Call it with the user locked.
    """
    user.terminal_sessions.all().end_for_deactivation()
    user.device_logins.all().end_approved()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    user.end_sessions()
