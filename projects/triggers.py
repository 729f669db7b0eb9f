"""Triggers that enforce the project limit, keep slugs, and keep collaborators within one organization.

Three of them are on tables of `accounts`, because their rules are about projects.
"""

from accounts.triggers.kinds import Guard, Reaction, Trigger, changes_any
from accounts.triggers.members import IN_CLOSED_ORGANIZATION, INVITATION, MEMBERSHIP, ORGANIZATION
from accounts.triggers.periods import period_triggers
from accounts.triggers.tags import TAG, TagPeriods

PROJECT, COLLABORATOR = "projects_project", "projects_collaborator"
GRANT, SLUG = "projects_projectgrant", "projects_projectslug"
PERIOD, ACCOUNT = "projects_collaborationperiod", "projects_serviceaccount"

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
COLLABORATOR_KEYS = "UPDATE OF project_id, user_id, membership_id"
GRANT_KEYS = "UPDATE OF invitation_id, project_id"
ACCOUNT_MIXED = (
    "NEW.created_by_account_id IS NOT NULL AND NOT EXISTS "
    f"(SELECT 1 FROM {ACCOUNT} a WHERE a.id = NEW.created_by_account_id "
    "AND a.project_id = NEW.project_id AND (NEW.counts_as_external OR NOT a.counts_as_external))"
)
ACCOUNT_IN_FROZEN = (
    f"EXISTS (SELECT 1 FROM {PROJECT} p JOIN {ORGANIZATION} o ON o.id = p.organization_id "
    "WHERE p.id = NEW.project_id AND (p.archived_at IS NOT NULL OR o.state = 'closed' "
    "OR (p.is_default AND NEW.counts_as_external)))"
)
ACCOUNT_TRIGGERS = (
    Guard("serviceaccount_no_delete", ACCOUNT, "DELETE", "TRUE", "service accounts are kept"),
    Guard(
        "serviceaccount_stays_put",
        ACCOUNT,
        "UPDATE",
        changes_any(
            *("public_id", "project_id", "counts_as_external", "created_at"),
            *("created_by_id", "created_by_account_id", "created_with"),
        ),
        "a service account stays in its project, as external or not",
    ),
    Guard(
        "serviceaccount_stays_removed",
        ACCOUNT,
        "UPDATE",
        f"OLD.removed_at IS NOT NULL AND ({changes_any('removed_at', 'name', 'role')})",
        "a removed service account stays removed",
    ),
    Guard(
        "serviceaccount_not_mixed",
        ACCOUNT,
        "INSERT",
        ACCOUNT_MIXED,
        "a service account is created in its own project and inherits to count as external",
    ),
    Guard(
        "serviceaccount_not_in_frozen",
        ACCOUNT,
        "INSERT",
        ACCOUNT_IN_FROZEN,
        "no service account is created in an archived project or a closed organization, "
        "and no external one in the Default Project",
    ),
)
TRIGGERS: tuple[Trigger, ...] = (
    *ACCOUNT_TRIGGERS,
    Guard("tag_no_update", TAG, "UPDATE", "TRUE", "tags cannot be changed"),
    Guard("tag_no_delete", TAG, "DELETE", "TRUE", "tags cannot be deleted"),
    *TagPeriods(
        table="projects_projecttag",
        owner="project_id",
        owners=PROJECT,
        place=f"{PROJECT} w JOIN {PROJECT} p ON p.id = w.id",
    ).list_triggers(),
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
    Guard(
        "project_not_in_closed",
        PROJECT,
        "INSERT",
        IN_CLOSED_ORGANIZATION,
        "the organization is closed",
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
    *period_triggers(
        table=COLLABORATOR,
        periods=PERIOD,
        parent="project_id",
        begins="added_at",
    ),
    Reaction(
        "collaborationperiod_end_keeps_name",
        PERIOD,
        "UPDATE OF ended_at",
        f"UPDATE {PERIOD} SET project_name = (SELECT p.name FROM {PROJECT} p "
        "WHERE p.id = NEW.project_id) WHERE id = NEW.id",
        when="OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL",
    ),
)
