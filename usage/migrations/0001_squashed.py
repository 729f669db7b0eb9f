"""Usage records, totals and the catalogue: the whole schema of the first release."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.fields
import usage.models.catalogue


class Migration(migrations.Migration):
    replaces = [("usage", "0001_initial"), ("usage", "0003_reattributions_can_be_resumed")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed"),
        ("keys", "0001_squashed"),
        ("projects", "0001_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="ModelName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=100, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Product",
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
                        "prod", editable=False, max_length=25, unique=True
                    ),
                ),
                ("code", usage.models.catalogue.CodeField(max_length=40, unique=True)),
                ("name", accounts.fields.NameField(max_length=100)),
                ("description", models.CharField(blank=True, max_length=200)),
                ("multi_project", models.BooleanField(default=False, verbose_name="multi-project")),
                (
                    "is_playground",
                    models.BooleanField(default=False, editable=False, verbose_name="playground"),
                ),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_playground", True), ("multi_project", True), _negated=True
                        ),
                        name="product_playground_in_default",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LineItem",
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
                        "item", editable=False, max_length=25, unique=True
                    ),
                ),
                ("code", usage.models.catalogue.CodeField(max_length=40)),
                ("name", accounts.fields.NameField(max_length=100)),
                (
                    "unit",
                    models.CharField(
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z][a-z0-9]*([-_][a-z0-9]+)*\\Z",
                                "Use lowercase letters, digits, hyphens and underscores, and start with a letter.",
                            )
                        ],
                    ),
                ),
                ("counts_requests", models.BooleanField(default=False)),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="line_items",
                        to="usage.product",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(fields=("product", "code"), name="lineitem_code_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("counts_requests", True)),
                        fields=("product",),
                        name="lineitem_one_counts_requests",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reattribution",
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
                        "move", editable=False, max_length=25, unique=True
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("applying", "Being applied"),
                            ("applied", "Applied"),
                            ("undoing", "Being undone"),
                            ("undone", "Undone"),
                        ],
                        default="applying",
                        max_length=10,
                    ),
                ),
                ("reached", models.BigIntegerField(default=0)),
                ("moved_records", models.BigIntegerField(default=0)),
                ("moved_cost", models.BigIntegerField(default=0)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reattributions",
                        to="usage.product",
                    ),
                ),
                ("last_record", models.BigIntegerField(default=0)),
                ("planned_records", models.BigIntegerField(default=0)),
                ("touched_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("undone_records", models.BigIntegerField(default=0)),
            ],
            options={
                "ordering": ("-pk",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["applying", "applied", "undoing", "undone"])
                        ),
                        name="reattribution_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="reattribution_ends_after_start",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("applying", "undoing"))),
                        fields=("product",),
                        name="reattribution_one_running",
                    ),
                ],
                "verbose_name": "reattribution",
            },
        ),
        migrations.CreateModel(
            name="UsageSource",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                (
                    "credential",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="usage_source",
                        to="keys.servicecredential",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UsageRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event_id", models.CharField(max_length=128)),
                ("digest", models.BinaryField(max_length=16)),
                ("time", models.DateTimeField()),
                ("quantity", models.BigIntegerField()),
                ("unit_price", models.BigIntegerField()),
                ("cost", models.BigIntegerField()),
                (
                    "reason",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "playground"),
                            (2, "key_project"),
                            (3, "token_project"),
                            (4, "product_not_multi_project"),
                            (5, "external_home"),
                            (6, "no_project"),
                        ]
                    ),
                ),
                (
                    "kind",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Usage"),
                            (2, "Void"),
                            (3, "Adjustment"),
                            (4, "Moved out"),
                            (5, "Moved in"),
                        ],
                        default=1,
                    ),
                ),
                ("requests", models.SmallIntegerField(default=0)),
                ("attributes", models.TextField(blank=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "api_key",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="keys.apikey",
                    ),
                ),
                (
                    "line_item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="usage.lineitem",
                    ),
                ),
                (
                    "intended_organization",
                    models.ForeignKey(
                        db_column="meant_organization_id",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "intended_project",
                    models.ForeignKey(
                        db_column="meant_project_id",
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="usage.modelname",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "original",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="usage.usagerecord",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="usage.usagesource",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("original__isnull", False)),
                        fields=["original"],
                        name="usagerecord_by_original",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("event_id", "source", "intended_organization"),
                        name="usagerecord_event_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", [1, 2, 3, 4, 5, 6])),
                        name="usagerecord_reason_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", [1, 2, 3, 4, 5])),
                        name="usagerecord_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", 1), ("original__isnull", True)),
                            models.Q(
                                models.Q(("kind", 1), _negated=True), ("original__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="usagerecord_points_at_usage",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cost__gte", 0), ("kind__in", (1, 5)), ("quantity__gte", 0)),
                            models.Q(("cost__lte", 0), ("kind__in", (2, 4)), ("quantity__lte", 0)),
                            ("kind", 3),
                            _connector="OR",
                        ),
                        name="usagerecord_signs",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("requests__gte", -1), ("requests__lte", 1), ("unit_price__gte", 0)
                        ),
                        name="usagerecord_amounts_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HourlyTotal",
            fields=[
                (
                    "intended_project_id",
                    models.BigIntegerField(db_column="meant_project_id", default=0),
                ),
                ("api_key_id", models.BigIntegerField(default=0)),
                ("user_id", models.BigIntegerField(default=0)),
                (
                    "reason",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "playground"),
                            (2, "key_project"),
                            (3, "token_project"),
                            (4, "product_not_multi_project"),
                            (5, "external_home"),
                            (6, "no_project"),
                        ]
                    ),
                ),
                ("unit_price", models.BigIntegerField()),
                ("quantity", models.BigIntegerField()),
                ("cost", models.BigIntegerField()),
                ("requests", models.BigIntegerField()),
                ("updated_at", models.DateTimeField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "hour",
                        "project_id",
                        "intended_project_id",
                        "line_item_id",
                        "model_id",
                        "api_key_id",
                        "user_id",
                        "reason",
                        "unit_price",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("hour", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                (
                    "line_item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="usage.lineitem",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="usage.modelname",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cost__gte", -9223372036854775807),
                            ("cost__lte", 9223372036854775807),
                            ("quantity__gte", -9223372036854775807),
                            ("quantity__lte", 9223372036854775807),
                        ),
                        name="hourlytotal_within_64_bits",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyTotal",
            fields=[
                (
                    "intended_project_id",
                    models.BigIntegerField(db_column="meant_project_id", default=0),
                ),
                ("api_key_id", models.BigIntegerField(default=0)),
                ("user_id", models.BigIntegerField(default=0)),
                (
                    "reason",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "playground"),
                            (2, "key_project"),
                            (3, "token_project"),
                            (4, "product_not_multi_project"),
                            (5, "external_home"),
                            (6, "no_project"),
                        ]
                    ),
                ),
                ("unit_price", models.BigIntegerField()),
                ("quantity", models.BigIntegerField()),
                ("cost", models.BigIntegerField()),
                ("requests", models.BigIntegerField()),
                ("updated_at", models.DateTimeField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "day",
                        "project_id",
                        "intended_project_id",
                        "line_item_id",
                        "model_id",
                        "api_key_id",
                        "user_id",
                        "reason",
                        "unit_price",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                (
                    "line_item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="usage.lineitem",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="usage.modelname",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            models.Q(
                                ("intended_project_id", models.F("project_id")), _negated=True
                            ),
                            models.Q(("intended_project_id", 0), _negated=True),
                        ),
                        fields=["intended_project_id", "day"],
                        name="dailytotal_elsewhere",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cost__gte", -9223372036854775807),
                            ("cost__lte", 9223372036854775807),
                            ("quantity__gte", -9223372036854775807),
                            ("quantity__lte", 9223372036854775807),
                        ),
                        name="dailytotal_within_64_bits",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Price",
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
                        "price", editable=False, max_length=26, unique=True
                    ),
                ),
                ("model", models.CharField(blank=True, default="", max_length=100)),
                (
                    "unit_price",
                    models.BigIntegerField(
                        validators=[django.core.validators.MinValueValidator(0)]
                    ),
                ),
                ("starts_on", models.DateField()),
                (
                    "line_item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prices",
                        to="usage.lineitem",
                    ),
                ),
            ],
            options={
                "ordering": ("line_item", "model", "starts_on"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("line_item", "model", "starts_on"), name="price_once_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit_price__gte", 0)), name="price_not_negative"
                    ),
                ],
            },
        ),
    ]
