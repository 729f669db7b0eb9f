"""People, organizations and what happens between them: the whole schema of the first release."""

import datetime as dt

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.fields
import accounts.models.invitation
import accounts.models.ownership_offer
import accounts.models.support


class Migration(migrations.Migration):
    replaces = [
        ("accounts", "0001_initial"),
        ("accounts", "0002_organizations_whole"),
        ("accounts", "0003_chain_the_trail"),
        ("accounts", "0004_views_last_half_an_hour"),
        ("accounts", "0005_views_have_a_name"),
        ("accounts", "0006_acts_of_keys"),
        ("accounts", "0007_acts_of_usage"),
        ("accounts", "0008_acts_of_terminals"),
        ("accounts", "0009_personal_tokens"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Organization",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    accounts.fields.PublicIdField(
                        "org", editable=False, max_length=24, unique=True
                    ),
                ),
                ("name", accounts.fields.NameField(max_length=100)),
                ("slug", accounts.fields.SlugTextField(max_length=60, unique=True)),
                (
                    "project_limit",
                    models.PositiveIntegerField(
                        default=1,
                        help_text="How many projects there may be, the Default Project included.",
                    ),
                ),
                (
                    "external_collaborators_enabled",
                    models.BooleanField(
                        default=False,
                        help_text="Whether projects may invite people who are not members of the organization.",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("suspended", "Suspended"),
                            ("closed", "Closed"),
                        ],
                        default="active",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("state_changed_at", models.DateTimeField(editable=False, null=True)),
                ("state_reason", models.CharField(blank=True, editable=False, max_length=500)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("project_limit__gte", 1)),
                        name="organization_project_limit_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "suspended", "closed"])),
                        name="organization_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "public_id",
                    accounts.fields.PublicIdField(
                        "user", editable=False, max_length=25, unique=True
                    ),
                ),
                (
                    "email",
                    accounts.fields.AddressField(
                        error_messages={"unique": "That address is taken."},
                        max_length=254,
                        unique=True,
                        verbose_name="email address",
                    ),
                ),
                ("name", accounts.fields.NameField(max_length=100)),
                ("is_staff", models.BooleanField(default=False, verbose_name="support staff")),
                ("is_active", models.BooleanField(default=True)),
                (
                    "date_joined",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
                (
                    "home_organization",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="home_users",
                        to="accounts.organization",
                    ),
                ),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"), name="user_email_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_staff", True),
                            ("home_organization__isnull", False),
                            _connector="OR",
                        ),
                        name="user_home_organization_present",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SupportRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    accounts.fields.PublicIdField(
                        "request", editable=False, max_length=28, unique=True
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("projects", "More projects"),
                            ("externals", "External collaborators"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(max_length=2000)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("granted", "Granted"),
                            ("declined", "Declined"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="support_requests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="support_requests",
                        to="accounts.organization",
                    ),
                ),
                ("answer", models.TextField(blank=True, editable=False, max_length=2000)),
                ("answered_at", models.DateTimeField(editable=False, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answered_requests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "pending")),
                        fields=("organization", "kind"),
                        name="supportrequest_one_pending",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["projects", "externals"])),
                        name="supportrequest_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "granted", "declined"])),
                        name="supportrequest_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "Owner"), ("admin", "Admin"), ("member", "Member")],
                        max_length=10,
                    ),
                ),
                (
                    "joined_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="accounts.organization",
                    ),
                ),
                (
                    "last_active_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organization", "joined_at", "id"], name="membership_by_joined"
                    ),
                    models.Index(
                        fields=["organization", "last_active_at", "id"], name="membership_by_active"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "user"), name="membership_once_per_organization"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("role", "owner")),
                        fields=("organization",),
                        name="membership_one_owner",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "admin", "member"])),
                        name="membership_role_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    accounts.fields.PublicIdField(
                        "invitation", editable=False, max_length=31, unique=True
                    ),
                ),
                ("email", accounts.fields.AddressField(max_length=254)),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[("owner", "Owner"), ("admin", "Admin"), ("member", "Member")],
                        max_length=10,
                    ),
                ),
                ("project_ref", models.CharField(blank=True, editable=False, max_length=40)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "sent_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("expires_at", models.DateTimeField(default=accounts.models.invitation.fresh_end)),
                ("generation", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "delivery",
                    models.CharField(
                        choices=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed")],
                        default="queued",
                        editable=False,
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("answered_at", models.DateTimeField(editable=False, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answered_invitations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sent_invitations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["email", "state"], name="invitation_by_email")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "pending")),
                        fields=("organization", "project_ref", "email"),
                        name="invitation_one_pending",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("project_ref", ""), ("role__in", ["admin", "member"])),
                            models.Q(("role", ""), models.Q(("project_ref", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="invitation_role_or_project",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("sent_at"))),
                        name="invitation_ends_after_sent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["pending", "accepted", "declined", "withdrawn"])
                        ),
                        name="invitation_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delivery__in", ["queued", "sent", "failed"])),
                        name="invitation_delivery_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditChain",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("length", models.PositiveBigIntegerField(default=0)),
                ("head", models.CharField(blank=True, max_length=64)),
                (
                    "organization",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audit_chain",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1),
                        condition=models.Q(("organization__isnull", True)),
                        name="auditchain_one_rest",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    accounts.fields.PublicIdField(
                        "event", editable=False, max_length=26, unique=True
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("organization.created", "Organization created"),
                            ("organization.changed", "Organization settings changed"),
                            ("organization.limits_changed", "Limits changed by support"),
                            ("organization.suspended", "Organization suspended by support"),
                            ("organization.reopened", "Organization reopened by support"),
                            ("organization.closed", "Organization closed"),
                            ("ownership.offered", "Ownership offered"),
                            ("ownership.withdrawn", "Offer of ownership withdrawn"),
                            ("ownership.declined", "Offer of ownership declined"),
                            ("ownership.transferred", "Ownership transferred"),
                            ("member.joined", "Member joined"),
                            ("member.role_changed", "Member's role changed"),
                            ("member.removed", "Member removed"),
                            ("member.left", "Member left"),
                            ("invitation.sent", "Invitation sent"),
                            ("invitation.resent", "Invitation resent"),
                            ("invitation.link_copied", "Invitation link shown"),
                            ("invitation.withdrawn", "Invitation withdrawn"),
                            ("invitation.accepted", "Invitation accepted"),
                            ("invitation.declined", "Invitation declined"),
                            ("support.requested", "Support asked"),
                            ("support.granted", "Support granted a request"),
                            ("support.declined", "Support declined a request"),
                            ("support.view_as_started", "Support began to view as a member"),
                            ("support.view_as_ended", "Support stopped viewing as a member"),
                            ("project.created", "Project created"),
                            ("project.changed", "Project settings changed"),
                            ("project.slug_changed", "Project's slug changed"),
                            ("project.archived", "Project archived"),
                            ("project.restored", "Project restored"),
                            ("collaborator.added", "Collaborator added"),
                            ("collaborator.removed", "Collaborator removed"),
                            ("collaborator.role_changed", "Collaborator's role changed"),
                            ("collaborator.left", "Collaborator left"),
                            ("collaborator.end_date_changed", "Collaborator's end date changed"),
                            ("collaborator.ended", "Collaborator's access ended"),
                            ("collaborator.vouched", "External collaborator vouched for"),
                            ("key.created", "API key created"),
                            ("key.renamed", "API key renamed"),
                            ("key.rotated", "API key rotated"),
                            ("key.rotation_finished", "API key's rotation finished"),
                            ("key.rotation_undone", "API key's rotation undone"),
                            ("key.expiration_changed", "API key's expiration changed"),
                            ("key.revoked", "API key revoked"),
                            ("key.leak_reported", "API key reported as leaked"),
                            ("key_policy.changed", "Key policy changed"),
                            ("default_key.revealed", "Default Key revealed"),
                            ("default_key.regenerated", "Default Key regenerated"),
                            ("credential.created", "Service credential created"),
                            ("credential.revoked", "Service credential revoked"),
                            ("terminal.approved", "Login from a terminal approved"),
                            ("terminal.denied", "Login from a terminal denied"),
                            ("terminal.ended", "Terminal logged out"),
                            ("terminal_login.changed", "Login from terminals switched on or off"),
                            ("token.created", "Access token created"),
                            ("token.revoked", "Access token revoked"),
                            ("product.created", "Product added to the catalogue"),
                            ("product.changed", "Product of the catalogue changed"),
                            ("line_item.created", "Line item added to the catalogue"),
                            ("line_item.changed", "Line item of the catalogue changed"),
                            ("price.created", "Price added"),
                            ("price.changed", "Price changed"),
                            ("price.deleted", "Price that had not begun taken back"),
                            ("usage.imported", "Usage imported from a file"),
                            ("usage.moved", "Usage moved to the projects it was meant for"),
                            ("usage.moved_back", "Usage moved back"),
                            ("user.signed_in", "Signed in"),
                            ("user.sign_in_failed", "Sign-in failed"),
                            ("user.password_changed", "Password changed"),
                            ("user.profile_changed", "Profile changed"),
                            ("user.notifications_changed", "Notification settings changed"),
                            ("user.deleted", "Account deleted"),
                        ],
                        max_length=40,
                    ),
                ),
                ("actor_label", models.CharField(max_length=254)),
                ("target_id", models.CharField(max_length=60)),
                ("target_label", models.CharField(max_length=254)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ip", models.GenericIPAddressField(null=True)),
                ("request_id", models.CharField(blank=True, max_length=40)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audit_events",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audit_events",
                        to="accounts.organization",
                    ),
                ),
                ("hash", models.CharField(max_length=64)),
                ("sequence", models.PositiveBigIntegerField()),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="accounts.auditchain",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["chain", "at"], name="auditevent_by_time"),
                    models.Index(fields=["chain", "actor", "sequence"], name="auditevent_by_actor"),
                    models.Index(fields=["chain", "act", "sequence"], name="auditevent_by_act"),
                    models.Index(
                        fields=["chain", "target_id", "sequence"], name="auditevent_by_target"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("chain", "sequence"), name="auditevent_in_sequence"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "act__in",
                                [
                                    "organization.created",
                                    "organization.changed",
                                    "organization.limits_changed",
                                    "organization.suspended",
                                    "organization.reopened",
                                    "organization.closed",
                                    "ownership.offered",
                                    "ownership.withdrawn",
                                    "ownership.declined",
                                    "ownership.transferred",
                                    "member.joined",
                                    "member.role_changed",
                                    "member.removed",
                                    "member.left",
                                    "invitation.sent",
                                    "invitation.resent",
                                    "invitation.link_copied",
                                    "invitation.withdrawn",
                                    "invitation.accepted",
                                    "invitation.declined",
                                    "support.requested",
                                    "support.granted",
                                    "support.declined",
                                    "support.view_as_started",
                                    "support.view_as_ended",
                                    "project.created",
                                    "project.changed",
                                    "project.slug_changed",
                                    "project.archived",
                                    "project.restored",
                                    "collaborator.added",
                                    "collaborator.removed",
                                    "collaborator.role_changed",
                                    "collaborator.left",
                                    "collaborator.end_date_changed",
                                    "collaborator.ended",
                                    "collaborator.vouched",
                                    "key.created",
                                    "key.renamed",
                                    "key.rotated",
                                    "key.rotation_finished",
                                    "key.rotation_undone",
                                    "key.expiration_changed",
                                    "key.revoked",
                                    "key.leak_reported",
                                    "key_policy.changed",
                                    "default_key.revealed",
                                    "default_key.regenerated",
                                    "credential.created",
                                    "credential.revoked",
                                    "terminal.approved",
                                    "terminal.denied",
                                    "terminal.ended",
                                    "terminal_login.changed",
                                    "token.created",
                                    "token.revoked",
                                    "product.created",
                                    "product.changed",
                                    "line_item.created",
                                    "line_item.changed",
                                    "price.created",
                                    "price.changed",
                                    "price.deleted",
                                    "usage.imported",
                                    "usage.moved",
                                    "usage.moved_back",
                                    "user.signed_in",
                                    "user.sign_in_failed",
                                    "user.password_changed",
                                    "user.profile_changed",
                                    "user.notifications_changed",
                                    "user.deleted",
                                ],
                            )
                        ),
                        name="auditevent_act_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MutedNotification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("new_sign_in", "Somebody signs in to my account from a new browser"),
                            ("role_changed", "My role in an organization or project changes"),
                            ("project_removed", "I am removed from a project"),
                            ("access_ending", "My access to a project is about to end"),
                            (
                                "key_ending",
                                "An API key I made or administer expires soon, or ended by a rule",
                            ),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="muted_notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "kind"), name="mutednotification_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "new_sign_in",
                                    "role_changed",
                                    "project_removed",
                                    "access_ending",
                                    "key_ending",
                                ],
                            )
                        ),
                        name="mutednotification_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutgoingMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("to", accounts.fields.AddressField(max_length=254)),
                ("subject", models.CharField(max_length=200)),
                ("sealed_body", models.TextField(blank=True, editable=False)),
                ("generation", models.PositiveIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed")],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=200)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "next_attempt_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("done_at", models.DateTimeField(editable=False, null=True)),
                (
                    "invitation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mails",
                        to="accounts.invitation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "next_attempt_at"], name="outgoingmail_due")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["queued", "sent", "failed"])),
                        name="outgoingmail_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "queued"), _negated=True),
                            models.Q(("generation__isnull", False), ("invitation__isnull", False)),
                            models.Q(("sealed_body", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="outgoingmail_queued_says_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnershipOffer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    accounts.fields.PublicIdField(
                        "offer", editable=False, max_length=26, unique=True
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("accepting", "Being accepted"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="pending",
                        editable=False,
                        max_length=10,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "expires_at",
                    models.DateTimeField(
                        default=accounts.models.ownership_offer.offer_end, editable=False
                    ),
                ),
                ("answered_at", models.DateTimeField(editable=False, null=True)),
                (
                    "offered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ownership_offers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "offered_to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offered_ownerships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ownership_offers",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "pending")),
                        fields=("organization",),
                        name="ownershipoffer_one_pending",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("offered_by", models.F("offered_to")), _negated=True),
                        name="ownershipoffer_somebody_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["pending", "accepting", "accepted", "declined", "withdrawn"],
                            )
                        ),
                        name="ownershipoffer_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ViewAs",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    accounts.fields.PublicIdField(
                        "view", editable=False, max_length=25, unique=True
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                (
                    "started_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "ends_at",
                    models.DateTimeField(default=accounts.models.support.view_end, editable=False),
                ),
                ("ended_at", models.DateTimeField(editable=False, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="views_as",
                        to="accounts.organization",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="views_as",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="viewed_as",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("staff",),
                        name="viewas_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("staff", models.F("user")), _negated=True),
                        name="viewas_somebody_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__gt", models.F("started_at")),
                            (
                                "ends_at__lt",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("started_at"),
                                        "+",
                                        models.Value(dt.timedelta(seconds=1800)),
                                    ),
                                    "+",
                                    models.Value(dt.timedelta(seconds=1)),
                                ),
                            ),
                        ),
                        name="viewas_half_an_hour",
                    ),
                ],
                "verbose_name": "view as a member",
                "verbose_name_plural": "views as a member",
            },
        ),
    ]
