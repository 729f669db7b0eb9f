"""The side's two groups of links and the breadcrumb: one table each, filtered by permission."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.urls import reverse

from accounts.permissions import Permission, allows

if TYPE_CHECKING:
    from console.web.frame import Frame


@dataclass(frozen=True)
class Link:
    """A page of the navigation. `counted` names the count it shows as a badge, see `Frame.counts`.

    `sections` are further first words of view names that belong under it.
    """

    label: str
    view: str
    icon: str
    permission: Permission
    counted: str = ""
    sections: tuple[str, ...] = ()


PROJECT_LINKS = (
    Link("Overview", "project", "layout-dashboard", Permission.PROJECT_SEE),
    Link(
        "Collaborators",
        "collaborators",
        "users",
        Permission.COLLABORATORS_SEE,
        "listed_count",
        ("collaborator", "project_invitation"),
    ),
    Link("API keys", "api_keys", "key-round", Permission.API_KEYS_SEE, "key_count", ("api_key",)),
    Link("Usage", "usage", "chart-column", Permission.USAGE_SEE),
    Link(
        "Settings",
        "project_settings",
        "settings",
        Permission.PROJECT_SETTINGS_READ,
        sections=("project_slug", "project_archive", "project_restore"),
    ),
)
# Reached through the switcher and the breadcrumb: a second "Overview" in the side would confuse.
ORGANIZATION_HOME = Link("Overview", "organization", "building-2", Permission.ORGANIZATION_SEE)
ORGANIZATION_LINKS = (
    Link(
        "Projects",
        "projects",
        "folders",
        Permission.PROJECTS_SEE,
        "project_count",
        ("project_new", "project_request"),
    ),
    Link(
        "Members",
        "members",
        "contact-round",
        Permission.MEMBERS_SEE,
        "member_count",
        ("member", "ownership"),
    ),
    Link(
        "API keys",
        "organization_keys",
        "key-round",
        Permission.ORGANIZATION_KEYS_SEE,
        sections=("organization_keys_", "key_policy", "organization_token"),
    ),
    Link("Cost analytics", "cost_analytics", "circle-dollar-sign", Permission.COST_ANALYTICS_SEE),
    Link("Audit log", "audit_log", "scroll-text", Permission.AUDIT_SEE),
    Link(
        "Settings",
        "organization_settings",
        "settings",
        Permission.ORGANIZATION_SETTINGS_READ,
        sections=("externals_request", "organization_close", "default_key", "terminal_login"),
    ),
)
# Pages that stand on their own in the breadcrumb.
ALONE = {
    "profile": "Profile",
    "roles": "Roles",
    "early_access": "Early access",
    "search": "Search",
    "invitations": "Invitations",
    "organizations": "Organizations",
    "organization_new": "New organization",
    "notifications": "Notifications",
    "account_delete": "Delete account",
    "device": "Terminal login",
    "device_approve": "Terminal login",
    "device_deny": "Terminal login",
    "terminals": "Terminals",
    "terminal_end": "Log a terminal out",
    "terminals_end_all": "Log all terminals out",
    "access_tokens": "Access tokens",
    "access_token_create": "Create access token",
    "access_token_revoke": "Revoke access token",
    "account_email": "Email address",
    "account_change_password": "Password",
    "account_reauthenticate": "Confirm it is you",
}
ACTS = {
    "collaborator_add": "Add collaborator",
    "collaborator_remove": "Remove user",
    "collaborator_role": "Change role",
    "collaborator_end_date": "End date",
    "collaborator_vouch": "Vouch",
    "collaborators_remove_externals": "Remove all externals",
    "collaborators_leave": "Leave project",
    "project_invitation_resend": "Resend invitation",
    "project_invitation_withdraw": "Withdraw invitation",
    "project_invitation_link": "Invitation link",
    "api_key_create": "Create API key",
    "api_key_rotate": "Rotate",
    "api_key_finish": "Finish rotation",
    "api_key_undo": "Undo rotation",
    "api_key_expiration": "Set expiration",
    "api_key_expiration_cancel": "Cancel expiration",
    "api_key_rename": "Rename",
    "api_key_revoke": "Revoke",
    "organization_keys_revoke": "Revoke API keys",
    "key_policy": "Key policy",
    "organization_tokens": "Access tokens",
    "organization_token_revoke": "Revoke access token",
    "project_slug": "Change slug",
    "project_archive": "Archive project",
    "project_restore": "Restore project",
    "ownership_transfer": "Transfer ownership",
    "ownership_withdraw": "Withdraw offer",
    "ownership_accept": "Accept ownership",
    "ownership_decline": "Decline ownership",
    "organization_close": "Close organization",
    "default_key": "Default Key",
    "default_key_reveal": "Reveal Default Key",
    "default_key_regenerate": "Regenerate Default Key",
    "terminal_login": "Login from terminals",
    "members_leave": "Leave organization",
    "member_invite": "Invite member",
    "member_invitation_resend": "Resend invitation",
    "member_invitation_withdraw": "Withdraw invitation",
    "member_invitation_link": "Invitation link",
    "member_role": "Change role",
    "member_remove": "Remove member",
    "project_new": "New project",
    "project_new_set": "Set of projects",
    "project_request": "Request more projects",
    "externals_request": "Request external collaborators",
}


@dataclass(frozen=True)
class Item:
    """A link as the person sees it."""

    label: str
    url: str
    icon: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class Group:
    label: str
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Crumb:
    label: str
    url: str = ""


def belongs(link: Link, view: str) -> bool:
    """Whether the page called `view` stands under `link`."""
    return view == link.view or bool(link.sections and view.startswith(link.sections))


def view_name(frame: "Frame") -> str:
    match = frame.request.resolver_match
    return match.view_name if match else ""


def navigation(frame: "Frame") -> list[Group]:
    """The groups *Project* and *Organization* with the links the person may open."""
    groups = []
    if frame.project:
        groups.append(Group("Project", items(frame, PROJECT_LINKS, frame.project.slug)))
    if frame.organization:
        groups.append(
            Group("Organization", items(frame, ORGANIZATION_LINKS, frame.organization.slug))
        )
    return [group for group in groups if group.items]


def items(frame: "Frame", links: tuple[Link, ...], slug: str) -> list[Item]:
    view, on_tenant_page = view_name(frame), frame.access is not None
    return [
        Item(
            link.label,
            reverse(link.view, args=[slug]),
            link.icon,
            on_tenant_page and belongs(link, view),
            frame.counts.get(link.counted),
        )
        for link in links
        if any(allows(role, link.permission) for role in frame.roles)
    ]


def breadcrumb(frame: "Frame") -> list[Crumb]:
    """Where the page stands: Settings / the project or organization / the page / the act."""
    view = view_name(frame)
    if frame.access is None:
        return [Crumb(ALONE.get(view, "Console"))]
    in_project = hasattr(frame.access, "project")
    thing = frame.project if in_project else frame.organization
    links = PROJECT_LINKS if in_project else (ORGANIZATION_HOME, *ORGANIZATION_LINKS)
    assert thing is not None
    link = next((link for link in links if belongs(link, view)), links[0])
    page = Crumb(link.label, reverse(link.view, args=[thing.slug]) if view in ACTS else "")
    home = Crumb(
        thing.name, reverse("project" if in_project else "organization", args=[thing.slug])
    )
    return [Crumb("Settings"), home, page, *([Crumb(ACTS[view])] if view in ACTS else [])]
