"""Fills the periods of access: those that last from the rows, those that ended from the audit log."""

import datetime as dt

from django.db import migrations

ACTIONS = (
    "member.joined", "member.role_changed", "member.removed", "member.left", "collaborator.added",
    "collaborator.role_changed", "collaborator.removed", "collaborator.left", "collaborator.ended",
    "invitation.accepted", "user.deleted",
)  # fmt: skip


class Replay:
    """Reads events in their order. A place is an organization or a project, by primary key."""

    def __init__(self, apps):
        self.apps = apps
        model = apps.get_model
        self.users = dict(model("accounts", "User").objects.values_list("public_id", "pk"))
        # By every address that somebody acted under, and the present one.
        self.user_by_email = dict(
            model("accounts", "AuditEvent")
            .objects.filter(actor__isnull=False)
            .values_list("actor_label", "actor_id")
            .distinct()
        ) | dict(model("accounts", "User").objects.values_list("email", "pk"))
        self.projects = {
            slug: (pk, organization)
            for slug, pk, organization in model("projects", "ProjectSlug").objects.values_list(
                "slug", "project_id", "project__organization_id"
            )
        }
        self.created = {
            name: dict(model(app, name).objects.values_list("pk", "created_at"))
            for app, name in (("accounts", "Organization"), ("projects", "Project"))
        }
        self.open = {"Organization": {}, "Project": {}}
        self.ended = {"Organization": [], "Project": []}

    def begin(self, kind, user, place, role, at):
        if user and place and (user, place) not in self.open[kind]:
            self.open[kind][user, place] = (role, at)

    def end(self, kind, user, place, role, at):
        if not (user and place):
            return
        since = self.created[kind].get(place, at)
        known_role, started = self.open[kind].pop((user, place), (role, since))
        self.ended[kind].append((user, place, known_role, min(started, at), at))

    def read(self, event):
        act, at = event.act, event.at
        if act.startswith("member."):
            self.read_member(event, self.users.get(event.target_id))
        elif act.startswith("collaborator."):
            self.read_collaborator(event)
        elif act == "invitation.accepted":
            for slug, role in event.after.get("projects", {}).items():
                self.begin("Project", event.actor_id, self.projects.get(slug, (0, 0))[0], role, at)
        elif event.organization_id:
            self.end_all(self.users.get(event.target_id), event.organization_id, at)

    def read_member(self, event, user):
        place = event.organization_id
        before = event.before.get("role", "member")
        if event.act in ("member.role_changed", "member.removed", "member.left"):
            self.end("Organization", user, place, before, event.at)
            for slug in event.before.get("projects", ()):
                self.end("Project", user, self.projects.get(slug, (0, 0))[0], "member", event.at)
        if event.act in ("member.role_changed", "member.joined"):
            self.begin("Organization", user, place, event.after.get("role", "member"), event.at)

    def read_collaborator(self, event):
        email, _, slug = event.target_label.rpartition(" in ")
        user, place = self.user_by_email.get(email), self.projects.get(slug, (0, 0))[0]
        before, at = event.before.get("role", "member"), event.at
        if end_date := event.before.get("end_date"):
            day_after = dt.date.fromisoformat(end_date) + dt.timedelta(days=1)
            at = min(at, dt.datetime.combine(day_after, dt.time(), dt.UTC))
        if event.act != "collaborator.added":
            self.end("Project", user, place, before, at)
        if event.act in ("collaborator.added", "collaborator.role_changed"):
            self.begin("Project", user, place, event.after.get("role", "member"), event.at)

    def end_all(self, user, organization, at):
        """Whoever deletes their account leaves all of the organization; the log does not list it."""
        self.end("Organization", user, organization, "member", at)
        of_projects = {pk for pk, parent in self.projects.values() if parent == organization}
        for person, place in list(self.open["Project"]):
            if person == user and place in of_projects:
                self.end("Project", user, place, "member", at)


def fill(apps, schema_editor):
    replay = Replay(apps)
    events = apps.get_model("accounts", "AuditEvent").objects.filter(act__in=ACTIONS)
    for event in events.order_by("pk").iterator(chunk_size=2000):
        replay.read(event)
    save(
        replay,
        "Organization",
        apps.get_model("accounts", "MembershipPeriod"),
        apps.get_model("accounts", "Membership").objects.values_list(
            "user_id", "organization_id", "role", "joined_at"
        ),
    )
    save(
        replay,
        "Project",
        apps.get_model("projects", "CollaborationPeriod"),
        apps.get_model("projects", "Collaborator").objects.values_list(
            "user_id", "project_id", "role", "added_at"
        ),
    )


def save(replay, kind, model, present):
    """`present` are the rows that there are; whatever the log says, they last."""
    place = f"{kind.lower()}_id"
    rows = [
        model(user_id=user, role=role, started_at=started, ended_at=ended, **{place: where})
        for user, where, role, started, ended in replay.ended[kind]
    ]
    for user, where, role, started in present:
        known_role, since = replay.open[kind].get((user, where), (role, started))
        begins = since if known_role == role else started
        rows.append(model(user_id=user, role=role, started_at=begins, **{place: where}))
    model.objects.bulk_create(rows, batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("projects", "0002_access_periods"), ("accounts", "0004_access_periods")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
