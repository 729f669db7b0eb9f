"""API keys, terminals and tokens: the whole schema of the first release."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.fields


class Migration(migrations.Migration):
    replaces = [
        ("keys", "0001_initial"),
        ("keys", "0002_default_keys"),
        ("keys", "0003_usage_right_of_secrets"),
        ("keys", "0004_leaks_of_credentials"),
        ("keys", "0005_terminals"),
        ("keys", "0006_terminals_end_by_leak"),
        ("keys", "0007_personal_tokens"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed"),
        ("projects", "0001_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
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
                        "key", editable=False, max_length=24, unique=True
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("project", "Project key"),
                            ("default", "Organization Default Key"),
                        ],
                        default="project",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("name", accounts.fields.NameField(max_length=100)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "form_token",
                    models.CharField(editable=False, max_length=40, null=True, unique=True),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("reminded_days", models.PositiveSmallIntegerField(editable=False, null=True)),
                ("revoked_at", models.DateTimeField(editable=False, null=True)),
                ("revoked_because", models.CharField(blank=True, editable=False, max_length=200)),
                ("sealed_secret", models.TextField(blank=True, editable=False)),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="created_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="api_keys",
                        to="projects.project",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revoked_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "API key",
                "indexes": [
                    models.Index(fields=["project", "created_at", "id"], name="apikey_by_created"),
                    models.Index(
                        condition=models.Q(
                            ("expires_at__isnull", False), ("revoked_at__isnull", True)
                        ),
                        fields=["expires_at"],
                        name="apikey_by_expiry",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "project"), ("revoked_at__isnull", True)),
                        fields=("project", "name"),
                        name="apikey_name_once_unrevoked",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "default")),
                        fields=("project",),
                        name="apikey_one_default",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__isnull", True),
                            ("expires_at__gt", models.F("created_at")),
                            _connector="OR",
                        ),
                        name="apikey_expires_after_creation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "default"), _negated=True),
                            models.Q(("expires_at__isnull", True), ("revoked_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="apikey_default_stays",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("kind", "default"), _negated=True), ("sealed_secret", "")
                            ),
                            models.Q(
                                ("kind", "default"), models.Q(("sealed_secret", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="apikey_only_default_is_sealed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["project", "default"])),
                        name="apikey_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KeyPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("longest_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("expiry_required", models.BooleanField(default=False)),
                (
                    "makers",
                    models.CharField(
                        choices=[
                            ("everybody", "Everyone with access to the project"),
                            ("admins", "Project Admins, the Owner and Admins"),
                        ],
                        default="everybody",
                        max_length=10,
                    ),
                ),
                ("unused_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "on_leak",
                    models.CharField(
                        choices=[
                            ("revoke", "Revoke it immediately and notify the admins"),
                            ("notify", "Only notify the admins"),
                        ],
                        default="revoke",
                        max_length=10,
                    ),
                ),
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="key_policy",
                        to="accounts.organization",
                    ),
                ),
                ("terminal_login", models.BooleanField(default=True)),
            ],
            options={
                "verbose_name_plural": "key policies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("longest_days__isnull", True),
                            ("longest_days__range", (1, 3650)),
                            _connector="OR",
                        ),
                        name="keypolicy_longest_days_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("unused_days__isnull", True),
                            ("unused_days__range", (1, 3650)),
                            _connector="OR",
                        ),
                        name="keypolicy_unused_days_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("makers__in", ["everybody", "admins"])),
                        name="keypolicy_makers_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("on_leak__in", ["revoke", "notify"])),
                        name="keypolicy_on_leak_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KeySecret",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mac", models.BinaryField(max_length=32, unique=True)),
                ("pepper_id", models.CharField(editable=False, max_length=8)),
                ("hint", models.CharField(editable=False, max_length=20)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("last_used_at", models.DateTimeField(editable=False, null=True)),
                ("ends_at", models.DateTimeField(editable=False, null=True)),
                (
                    "api_key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="secrets",
                        to="keys.apikey",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("may_read_usage", models.BooleanField(editable=False)),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ends_at__isnull", True)),
                        fields=("api_key",),
                        name="keysecret_one_current",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True),
                            ("ends_at__gte", models.F("created_at")),
                            _connector="OR",
                        ),
                        name="keysecret_ends_after_creation",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceCredential",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mac", models.BinaryField(max_length=32, unique=True)),
                ("pepper_id", models.CharField(editable=False, max_length=8)),
                ("hint", models.CharField(editable=False, max_length=20)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("last_used_at", models.DateTimeField(editable=False, null=True)),
                (
                    "public_id",
                    accounts.fields.PublicIdField(
                        "cred", editable=False, max_length=25, unique=True
                    ),
                ),
                ("name", accounts.fields.NameField(max_length=100)),
                ("revoked_at", models.DateTimeField(editable=False, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at__isnull", True)),
                        fields=("name",),
                        name="servicecredential_name_once_unrevoked",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LeakReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reporter", models.CharField(max_length=100)),
                ("url", models.CharField(blank=True, max_length=500)),
                ("source", models.CharField(blank=True, max_length=100)),
                (
                    "reported_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("revoked", models.BooleanField(editable=False)),
                (
                    "secret",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leak_reports",
                        to="keys.keysecret",
                    ),
                ),
                (
                    "credential",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leak_reports",
                        to="keys.servicecredential",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("secret", "url"), name="leakreport_once_a_place"
                    ),
                    models.UniqueConstraint(
                        fields=("credential", "url"), name="leakreport_credential_once_a_place"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("credential__isnull", True), ("secret__isnull", False)),
                            models.Q(
                                ("credential__isnull", False),
                                ("revoked", False),
                                ("secret__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="leakreport_of_one_secret",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeviceLogin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mac", models.BinaryField(max_length=32, unique=True)),
                ("pepper_id", models.CharField(editable=False, max_length=8)),
                ("hint", models.CharField(editable=False, max_length=20)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("last_used_at", models.DateTimeField(editable=False, null=True)),
                ("client_id", models.CharField(editable=False, max_length=100)),
                ("agent", models.CharField(blank=True, editable=False, max_length=200)),
                ("ip", models.GenericIPAddressField(editable=False, null=True)),
                (
                    "public_id",
                    accounts.fields.PublicIdField(
                        "device", editable=False, max_length=27, unique=True
                    ),
                ),
                ("user_code_mac", models.BinaryField(max_length=32, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting"),
                            ("approved", "Approved"),
                            ("denied", "Denied"),
                            ("used", "Used"),
                        ],
                        default="pending",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("expires_at", models.DateTimeField(editable=False)),
                ("interval", models.PositiveSmallIntegerField(default=2, editable=False)),
                ("polled_at", models.DateTimeField(editable=False, null=True)),
                ("decided_at", models.DateTimeField(editable=False, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="devicelogin_by_end")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["pending", "approved", "denied", "used"])
                        ),
                        name="devicelogin_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_by__isnull", True), ("state", "pending")),
                            models.Q(
                                models.Q(("state", "pending"), _negated=True),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="devicelogin_decided_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TerminalSession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("client_id", models.CharField(editable=False, max_length=100)),
                ("agent", models.CharField(blank=True, editable=False, max_length=200)),
                ("ip", models.GenericIPAddressField(editable=False, null=True)),
                (
                    "public_id",
                    accounts.fields.PublicIdField(
                        "terminal", editable=False, max_length=29, unique=True
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("expires_at", models.DateTimeField(editable=False)),
                ("ended_at", models.DateTimeField(editable=False, null=True)),
                (
                    "ended_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("by_hand", "Ended on the page of terminals"),
                            ("by_client", "Logged out in the terminal"),
                            ("reuse", "A refresh token was used a second time, as a thief would"),
                            ("password", "The password was changed"),
                            ("leak", "A token was found in public"),
                        ],
                        editable=False,
                        max_length=10,
                    ),
                ),
                (
                    "device_login",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="session",
                        to="keys.devicelogin",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terminal_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="terminalsession_expires_after_creation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_because", "")),
                            models.Q(
                                ("ended_at__isnull", False),
                                (
                                    "ended_because__in",
                                    ["by_hand", "by_client", "reuse", "password", "leak"],
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="terminalsession_ends_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mac", models.BinaryField(max_length=32, unique=True)),
                ("pepper_id", models.CharField(editable=False, max_length=8)),
                ("hint", models.CharField(editable=False, max_length=20)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("last_used_at", models.DateTimeField(editable=False, null=True)),
                ("refresh_mac", models.BinaryField(max_length=32, null=True, unique=True)),
                ("expires_at", models.DateTimeField(editable=False)),
                ("ended_at", models.DateTimeField(editable=False, null=True)),
                (
                    "project",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_tokens",
                        to="projects.project",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to="keys.terminalsession",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="accesstoken_by_end")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), ("project__isnull", True)),
                        fields=("session",),
                        name="accesstoken_one_current_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("project__isnull", True), ("refresh_mac__isnull", False)),
                            models.Q(("project__isnull", False), ("refresh_mac__isnull", True)),
                            _connector="OR",
                        ),
                        name="accesstoken_logins_are_refreshed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="accesstoken_expires_after_creation",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonalToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mac", models.BinaryField(max_length=32, unique=True)),
                ("pepper_id", models.CharField(editable=False, max_length=8)),
                ("hint", models.CharField(editable=False, max_length=20)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("last_used_at", models.DateTimeField(editable=False, null=True)),
                (
                    "public_id",
                    accounts.fields.PublicIdField(
                        "pat", editable=False, max_length=24, unique=True
                    ),
                ),
                ("name", accounts.fields.NameField(max_length=100)),
                (
                    "scope",
                    models.CharField(
                        choices=[("read", "Read"), ("write", "Read and write")],
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("expires_at", models.DateTimeField(editable=False)),
                (
                    "form_token",
                    models.CharField(editable=False, max_length=40, null=True, unique=True),
                ),
                ("revoked_at", models.DateTimeField(editable=False, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="personal_tokens",
                        to="accounts.organization",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="personal_tokens",
                        to="projects.project",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="personal_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organization", "created_at", "id"], name="personaltoken_by_created"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at__isnull", True)),
                        fields=("user", "name"),
                        name="personaltoken_name_once_unrevoked",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="personaltoken_expires_after_creation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("revoked_by__isnull", True),
                            ("revoked_at__isnull", False),
                            _connector="OR",
                        ),
                        name="personaltoken_revoked_with_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["read", "write"])),
                        name="personaltoken_scope_known",
                    ),
                ],
            },
        ),
    ]
