"""Triggers on deleted accounts, memberships, invitations and ownership."""

from accounts.triggers.kinds import Guard, Reaction, Trigger

USER, ORGANIZATION = "accounts_user", "accounts_organization"
MEMBERSHIP, INVITATION = "accounts_membership", "accounts_invitation"
OFFER, VIEW = "accounts_ownershipoffer", "accounts_viewas"

IN_CLOSED_ORGANIZATION = (
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

MEMBER_TRIGGERS: tuple[Trigger, ...] = (
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
    Guard(
        "membership_not_in_closed",
        MEMBERSHIP,
        "INSERT",
        IN_CLOSED_ORGANIZATION,
        "the organization is closed",
    ),
    Guard(
        "invitation_not_in_closed",
        INVITATION,
        "INSERT",
        IN_CLOSED_ORGANIZATION,
        "the organization is closed",
    ),
    Guard(
        "invitation_stays_put",
        INVITATION,
        "UPDATE OF organization_id, project_ref",
        "OLD.organization_id <> NEW.organization_id OR OLD.project_ref <> NEW.project_ref",
        "an invitation stays with its organization and project",
    ),
)
