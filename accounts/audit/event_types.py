"""The names of audit events in the API: those of OpenAI where they mean the same, else our own."""

from accounts.enums import Action

# Several actions can have one name; `console_type` of an event says which it was.
NAMES: dict[Action, str] = {
    Action.ORGANIZATION_CHANGED: "organization.updated",
    Action.MEMBER_JOINED: "user.added",
    Action.MEMBER_ROLE_CHANGED: "user.updated",
    Action.MEMBER_REMOVED: "user.deleted",
    Action.MEMBER_LEFT: "user.deleted",
    Action.INVITATION_SENT: "invite.sent",
    Action.INVITATION_ACCEPTED: "invite.accepted",
    Action.INVITATION_WITHDRAWN: "invite.deleted",
    Action.PROJECT_CREATED: "project.created",
    Action.PROJECT_CHANGED: "project.updated",
    Action.PROJECT_SLUG_CHANGED: "project.updated",
    Action.PROJECT_TAGS_CHANGED: "project.updated",
    Action.PROJECT_ARCHIVED: "project.archived",
    Action.SERVICE_ACCOUNT_CREATED: "service_account.created",
    Action.SERVICE_ACCOUNT_RENAMED: "service_account.updated",
    Action.SERVICE_ACCOUNT_ROLE_CHANGED: "service_account.updated",
    Action.SERVICE_ACCOUNT_REMOVED: "service_account.deleted",
    Action.KEY_CREATED: "api_key.created",
    Action.KEY_RENAMED: "api_key.updated",
    Action.KEY_EXPIRATION_CHANGED: "api_key.updated",
    Action.KEY_TAGS_CHANGED: "api_key.updated",
    Action.KEY_REVOKED: "api_key.deleted",
    Action.SIGNED_IN: "login.succeeded",
    Action.SIGN_IN_FAILED: "login.failed",
    # OpenAI's `user.deleted` is the removal from the organization.
    Action.ACCOUNT_DELETED: "account.deleted",
}
# Subjects of OpenAI's events that the console does not have. Filtering by them matches no event.
FOREIGN_SUBJECTS = frozenset(
    {
        *("certificate", "certificates", "checkpoint", "external_key", "external_storage", "group"),
        *("ip_allowlist", "logout", "rate_limit", "resource", "role", "scim", "tenant", "tunnel"),
        *("workload_identity_provider", "workload_identity_provider_mapping"),
    }
)
FOREIGN_TYPES = frozenset({"project.deleted"})


def format_event_type(act: str) -> str:
    """Returns the API's name of a stored action. Actions that no longer exist keep their stored name."""
    return NAMES.get(Action(act), act) if act in Action.values else act


def find_actions(name: str) -> list[str] | None:
    """Returns the stored actions with that name, ours or OpenAI's; None if neither has such a name.

    Our own name of an action that has one of OpenAI's finds that action alone.
    """
    named = [action.value for action, theirs in NAMES.items() if theirs == name]
    if named:
        return named
    if name in Action.values:
        return [name]
    is_foreign = name in FOREIGN_TYPES or name.partition(".")[0] in FOREIGN_SUBJECTS
    return [] if is_foreign else None
