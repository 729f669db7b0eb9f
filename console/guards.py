"""What the database refuses or does by itself beyond constraints: the list of our triggers.

They hold what constraints cannot: rows of different organizations never mix, the Owner and the
Default Project stay, the audit trail only grows, projects keep to the limit, slugs stay reserved,
keys stay revoked.
"""

from accounts.trigger_kinds import Guard, Reaction, StatementGuard, TruncateGuard
from keys.triggers.keys import KEY_TRIGGERS
from keys.triggers.terminals import TERMINAL_TRIGGERS
from keys.triggers.tokens import TOKEN_TRIGGERS
from usage.triggers import USAGE_TRIGGERS

USER = "accounts_user"
ORGANIZATION, MEMBERSHIP = "accounts_organization", "accounts_membership"
INVITATION, AUDIT = "accounts_invitation", "accounts_auditevent"
PROJECT, COLLABORATOR = "projects_project", "projects_collaborator"
GRANT, SLUG = "projects_projectgrant", "projects_projectslug"
OFFER, CHAIN = "accounts_ownershipoffer", "accounts_auditchain"
VIEW = "accounts_viewas"

COLLABORATOR_IN_DEFAULT = (
    f"EXISTS (SELECT 1 FROM {PROJECT} p WHERE p.id = NEW.project_id AND p.is_default)"
)
COLLABORATOR_MIXED = (
    f"(NEW.membership_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {MEMBERSHIP} m "
    f"JOIN {PROJECT} p ON p.organization_id = m.organization_id "
    "WHERE m.id = NEW.membership_id AND m.user_id = NEW.user_id AND p.id = NEW.project_id))"
    f" OR (NEW.membership_id IS NULL AND EXISTS (SELECT 1 FROM {MEMBERSHIP} m "
    f"JOIN {PROJECT} p ON p.organization_id = m.organization_id "
    "WHERE m.user_id = NEW.user_id AND p.id = NEW.project_id))"
)
GRANT_MIXED = (
    f"NOT EXISTS (SELECT 1 FROM {INVITATION} i "
    f"JOIN {PROJECT} p ON p.organization_id = i.organization_id "
    "WHERE i.id = NEW.invitation_id AND p.id = NEW.project_id AND NOT p.is_default "
    "AND (i.project_ref = '' OR i.project_ref = p.public_id))"
)
INVITATION_MIXED = (
    f"NEW.project_ref <> '' AND NOT EXISTS (SELECT 1 FROM {PROJECT} p "
    "WHERE p.public_id = NEW.project_ref AND p.organization_id = NEW.organization_id)"
)
UNARCHIVED = (
    f"(SELECT count(*) FROM {PROJECT} p WHERE p.organization_id = NEW.organization_id "
    "AND p.archived_at IS NULL)"
)
PROJECT_LIMIT = f"(SELECT o.project_limit FROM {ORGANIZATION} o WHERE o.id = NEW.organization_id)"
LOCK_ORGANIZATION = (
    f"PERFORM 1 FROM {ORGANIZATION} o WHERE o.id = NEW.organization_id FOR NO KEY UPDATE;"
)
AT_LIMIT = "the organization has reached its project limit"
CLOSED = (
    f"EXISTS (SELECT 1 FROM {ORGANIZATION} o WHERE o.id = NEW.organization_id "
    "AND o.state = 'closed')"
)
OFFERED_TO_MEMBER = (
    f"EXISTS (SELECT 1 FROM {MEMBERSHIP} m WHERE m.organization_id = NEW.organization_id "
    "AND m.user_id = NEW.offered_to_id)"
)
OFFERED_BY_OWNER = (
    f"EXISTS (SELECT 1 FROM {MEMBERSHIP} m WHERE m.organization_id = NEW.organization_id "
    "AND m.user_id = NEW.offered_by_id AND m.role = 'owner')"
)
COLLABORATOR_KEYS = "UPDATE OF project_id, user_id, membership_id"
GRANT_KEYS = "UPDATE OF invitation_id, project_id"

TRIGGERS: tuple[Guard | StatementGuard | Reaction | TruncateGuard, ...] = (
    Guard(
        "user_stays_deleted",
        USER,
        "UPDATE",
        "OLD.deleted_at IS NOT NULL AND (NEW.deleted_at IS NULL OR NEW.is_active "
        "OR NEW.email <> OLD.email OR NEW.name <> OLD.name OR NEW.password <> OLD.password)",
        "a deleted account stays deleted",
    ),
    Guard(
        "membership_not_of_deleted",
        MEMBERSHIP,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {USER} u WHERE u.id = NEW.user_id AND u.deleted_at IS NOT NULL)",
        "a deleted account stays deleted",
    ),
    Guard("audit_no_update", AUDIT, "UPDATE", "TRUE", "audit events cannot be changed"),
    Guard("audit_no_delete", AUDIT, "DELETE", "TRUE", "audit events cannot be deleted"),
    TruncateGuard("audit_no_truncate", AUDIT, "audit events cannot be deleted"),
    Guard(
        "audit_in_own_chain",
        AUDIT,
        "INSERT",
        f"NOT EXISTS (SELECT 1 FROM {CHAIN} c WHERE c.id = NEW.chain_id "
        "AND COALESCE(c.organization_id, 0) = COALESCE(NEW.organization_id, 0))",
        "an audit event stands in the chain of its organization",
    ),
    Guard("auditchain_no_delete", CHAIN, "DELETE", "TRUE", "audit chains cannot be deleted"),
    Guard(
        "auditchain_only_grows",
        CHAIN,
        "UPDATE",
        "NEW.length <= OLD.length "
        "OR COALESCE(NEW.organization_id, 0) <> COALESCE(OLD.organization_id, 0)",
        "audit chains only grow",
    ),
    Guard(
        "viewas_of_a_member",
        VIEW,
        "INSERT",
        f"NOT EXISTS (SELECT 1 FROM {MEMBERSHIP} m WHERE m.user_id = NEW.user_id "
        "AND m.organization_id = NEW.organization_id)",
        "support views as a member of the organization",
    ),
    Guard(
        "membership_owner_not_deleted",
        MEMBERSHIP,
        "DELETE",
        "OLD.role = 'owner'",
        "the Owner cannot be removed from the organization",
    ),
    Guard(
        "membership_owner_not_demoted",
        MEMBERSHIP,
        "UPDATE OF role",
        f"OLD.role = 'owner' AND NEW.role <> 'owner' AND NOT EXISTS (SELECT 1 FROM {OFFER} o "
        "WHERE o.organization_id = OLD.organization_id AND o.state = 'accepting')",
        "an organization needs an Owner",
    ),
    Guard(
        "offer_begins_pending",
        OFFER,
        "INSERT",
        f"NEW.state <> 'pending' OR NOT {OFFERED_BY_OWNER} OR NOT {OFFERED_TO_MEMBER}",
        "ownership is offered by the Owner to a member",
    ),
    Guard(
        "offer_accepted_once",
        OFFER,
        "UPDATE",
        "NEW.organization_id <> OLD.organization_id OR NEW.offered_to_id <> OLD.offered_to_id "
        "OR NEW.offered_by_id <> OLD.offered_by_id "
        "OR (NEW.state = 'accepted' AND OLD.state <> 'accepting') "
        "OR (OLD.state NOT IN ('pending', 'accepting') AND NEW.state <> OLD.state) "
        f"OR (NEW.state = 'accepting' AND NOT ({OFFERED_BY_OWNER} AND {OFFERED_TO_MEMBER}))",
        "an offer is accepted once, by the member it was made to, while its maker is the Owner",
        lock=f"PERFORM 1 FROM {MEMBERSHIP} m WHERE m.organization_id = NEW.organization_id "
        "AND m.user_id IN (NEW.offered_by_id, NEW.offered_to_id) FOR NO KEY UPDATE;",
    ),
    Reaction(
        "offer_moves_ownership",
        OFFER,
        "UPDATE OF state",
        f"UPDATE {MEMBERSHIP} SET role = 'admin' "
        "WHERE organization_id = NEW.organization_id AND role = 'owner'; "
        f"UPDATE {MEMBERSHIP} SET role = 'owner' "
        "WHERE organization_id = NEW.organization_id AND user_id = NEW.offered_to_id; "
        f"UPDATE {OFFER} SET state = 'accepted' WHERE id = NEW.id",
        when="NEW.state = 'accepting'",
    ),
    Guard(
        "membership_stays_put",
        MEMBERSHIP,
        "UPDATE OF organization_id, user_id",
        "OLD.organization_id <> NEW.organization_id OR OLD.user_id <> NEW.user_id",
        "a membership belongs to one person and organization",
    ),
    Reaction(
        "membership_adopts_collaborators",
        MEMBERSHIP,
        "INSERT",
        f"UPDATE {COLLABORATOR} SET membership_id = NEW.id WHERE user_id = NEW.user_id "
        f"AND project_id IN (SELECT id FROM {PROJECT} "
        "WHERE organization_id = NEW.organization_id)",
    ),
    Guard(
        "project_default_not_deleted",
        PROJECT,
        "DELETE",
        "OLD.is_default",
        "the Default Project cannot be deleted",
    ),
    Guard(
        "project_stays_put",
        PROJECT,
        "UPDATE OF is_default, organization_id",
        "OLD.is_default <> NEW.is_default OR OLD.organization_id <> NEW.organization_id",
        "a project stays in its organization, the Default Project stays the default",
    ),
    Guard(
        "project_within_limit",
        PROJECT,
        "INSERT",
        f"NEW.archived_at IS NULL AND {UNARCHIVED} >= {PROJECT_LIMIT}",
        AT_LIMIT,
        lock=LOCK_ORGANIZATION,
    ),
    Guard(
        "project_restored_within_limit",
        PROJECT,
        "UPDATE OF archived_at",
        "OLD.archived_at IS NOT NULL AND NEW.archived_at IS NULL "
        f"AND {UNARCHIVED} >= {PROJECT_LIMIT}",
        AT_LIMIT,
        lock=LOCK_ORGANIZATION,
    ),
    *(
        Reaction(
            f"project_{suffix}_keeps_slug",
            PROJECT,
            event,
            f"INSERT INTO {SLUG} (slug, project_id) SELECT NEW.slug, NEW.id WHERE NOT EXISTS "
            f"(SELECT 1 FROM {SLUG} s WHERE s.slug = NEW.slug AND s.project_id = NEW.id)",
        )
        for suffix, event in [("insert", "INSERT"), ("update", "UPDATE OF slug")]
    ),
    Guard(
        "projectslug_stays_put",
        SLUG,
        "UPDATE",
        "OLD.slug <> NEW.slug OR OLD.project_id <> NEW.project_id",
        "a slug stays with the project that had it first",
    ),
    *(
        Guard(
            f"{name}_not_in_closed",
            table,
            "INSERT",
            CLOSED,
            "the organization is closed",
        )
        for name, table in [
            ("project", PROJECT),
            ("membership", MEMBERSHIP),
            ("invitation", INVITATION),
        ]
    ),
    Guard(
        "organization_limit_fits",
        ORGANIZATION,
        "UPDATE OF project_limit",
        f"(SELECT count(*) FROM {PROJECT} p WHERE p.organization_id = NEW.id "
        "AND p.archived_at IS NULL) > NEW.project_limit",
        "the organization already has more projects than that",
    ),
    *(
        Guard(
            f"collaborator_{suffix}_not_in_default",
            COLLABORATOR,
            event,
            COLLABORATOR_IN_DEFAULT,
            "the Default Project has no collaborator rows",
        )
        for suffix, event in [("insert", "INSERT"), ("update", COLLABORATOR_KEYS)]
    ),
    *(
        Guard(
            f"collaborator_{suffix}_not_mixed",
            COLLABORATOR,
            event,
            COLLABORATOR_MIXED,
            "a collaborator hangs on their own membership of the parent organization",
        )
        for suffix, event in [("insert", "INSERT"), ("update", COLLABORATOR_KEYS)]
    ),
    *(
        Guard(
            f"grant_{suffix}_not_mixed",
            GRANT,
            event,
            GRANT_MIXED,
            "an invitation grants projects of its own organization only",
        )
        for suffix, event in [("insert", "INSERT"), ("update", GRANT_KEYS)]
    ),
    Guard(
        "invitation_insert_not_mixed",
        INVITATION,
        "INSERT",
        INVITATION_MIXED,
        "an invitation names a project of its own organization only",
    ),
    Guard(
        "invitation_stays_put",
        INVITATION,
        "UPDATE OF organization_id, project_ref",
        "OLD.organization_id <> NEW.organization_id OR OLD.project_ref <> NEW.project_ref",
        "an invitation stays with its organization and project",
    ),
    *KEY_TRIGGERS,
    *TERMINAL_TRIGGERS,
    *TOKEN_TRIGGERS,
    *USAGE_TRIGGERS,
)
