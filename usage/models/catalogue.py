"""The catalogue: products, their line items, the prices of line items by day, and the names of models."""

from typing import Any, Self

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower

from accounts.fields import NameField, PublicIdField
from accounts.models import Organization
from usage.enums import UsageField

CODE_LENGTH = 40
validate_code = RegexValidator(
    r"\A[a-z][a-z0-9]*([-_][a-z0-9]+)*\Z",
    "Use lowercase letters, digits, hyphens and underscores, and start with a letter.",
)
# The model of records without one, and of prices for every model without its own price.
ANY_MODEL = ""
MODEL_LENGTH = 100


def fold_model(name: str) -> str:
    """Returns what model names that differ only in case have in common; they are ASCII."""
    return name.lower()


def fold_model_column(column: str | Combinable) -> Lower:
    """Returns `fold_model` in SQL."""
    return Lower(column)


class CodeField(models.CharField[str, str]):
    """The name by which programs refer to something in the catalogue. It never changes."""

    default_validators = [validate_code]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": CODE_LENGTH, **kwargs})


class ProductQuerySet(models.QuerySet["Product"]):
    def with_line_items(self) -> Self:
        return self.prefetch_related("line_items")

    def not_yet_multi_project(self) -> Self:
        """Products without project attribution yet; the playground never gets it."""
        return self.filter(multi_project=False, is_playground=False)


class Product(models.Model):
    """Something the platform sells. `multi_project`: whether its usage is attributed to projects."""

    public_id = PublicIdField("prod")
    code = CodeField(unique=True)
    name = NameField()
    description = models.CharField(max_length=200, blank=True)
    multi_project = models.BooleanField("multi-project", default=False)
    # Its usage is always billed to an organization, whatever the key: rule 1 of attribution.
    is_playground = models.BooleanField("playground", default=False, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(is_playground=True, multi_project=True),
                name="product_playground_in_default",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_not_yet_multi_project(self) -> bool:
        """Whether it is one of `ProductQuerySet.not_yet_multi_project`."""
        return not (self.multi_project or self.is_playground)


class LineItem(models.Model):
    """What is counted and priced within a product, and in which unit."""

    public_id = PublicIdField("item")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="line_items")
    code = CodeField()
    name = NameField()
    unit = models.CharField(max_length=20, validators=[validate_code])
    # The number of requests is the number of its records. At most one line item of a product has this.
    counts_requests = models.BooleanField(default=False)
    # Where the usage API counts it. Empty: nowhere, only its cost is reported.
    reported_as = models.CharField(
        max_length=50, choices=UsageField.choices, blank=True, default="", db_default=""
    )

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["product", "code"], name="lineitem_code_once"),
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(counts_requests=True),
                name="lineitem_one_counts_requests",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.name}"


class ModelName(models.Model):
    """A value of the pricing dimension `model`, such as llama-3.3-70b or h100-sxm, or ''.

    Usage keeps the name that was sent. Prices and reports go by its `canonical` model, which is None for a
    name that is canonical itself (`usage/model_names.py`).
    """

    name = models.CharField(max_length=MODEL_LENGTH, unique=True, blank=True)
    canonical = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="spellings"
    )

    class Meta:
        indexes = [models.Index(Lower("name"), name="modelname_in_lower_case")]

    def __str__(self) -> str:
        return self.name or "any model"


class ModelAlias(models.Model):
    """Says that support counts a name as another model: a single name, or all that begin or end alike.

    `pattern` is a name, or has one `*` at its start or end, which stands for at least one character.
    `target` is the other model; '' for what the `*` stands for. Case makes no difference.
    """

    public_id = PublicIdField("alias")
    pattern = models.CharField(max_length=MODEL_LENGTH)
    target = models.CharField(max_length=MODEL_LENGTH, blank=True)

    class Meta:
        verbose_name_plural = "model aliases"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(Lower("pattern"), name="modelalias_pattern_once"),
            models.CheckConstraint(
                condition=~Q(target="") | Q(pattern__startswith="*") | Q(pattern__endswith="*"),
                name="modelalias_name_has_target",
            ),
        ]

    def __str__(self) -> str:
        return self.pattern


class PriceQuerySet(models.QuerySet["Price"]):
    def with_items(self) -> Self:
        return self.select_related("line_item__product", "organization")

    def visible_to(self, organization: Organization | None) -> Self:
        """The prices for every organization, and those of this one alone."""
        return self.filter(Q(organization=None) | Q(organization=organization))

    def like(self, price: "Price") -> Self:
        """Prices of the same line item for the same organization and model in any case, of any day."""
        return self.alias(folded_model=fold_model_column("model")).filter(
            line_item=price.line_item_id,
            organization=price.organization_id,
            folded_model=fold_model(price.model),
        )


class Price(models.Model):
    """What a unit of a line item costs from the start of a UTC day on, for one model or for any.

    For one `organization`, the customer to which it is billed, or for all that have no price of their own.
    `unit_price` is in 10⁻¹² USD. Records keep the price at which they were rated.
    """

    public_id = PublicIdField("price")
    line_item = models.ForeignKey(LineItem, on_delete=models.PROTECT, related_name="prices")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="prices"
    )
    model = models.CharField(max_length=MODEL_LENGTH, blank=True, default=ANY_MODEL)
    unit_price = models.BigIntegerField(validators=[MinValueValidator(0)])
    starts_on = models.DateField()

    objects = PriceQuerySet.as_manager()

    class Meta:
        ordering = ("line_item", "model", "starts_on")
        constraints = [
            models.UniqueConstraint(
                fields=["line_item", "model", "starts_on"],
                condition=Q(organization=None),
                name="price_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["line_item", "organization", "model", "starts_on"],
                condition=Q(organization__isnull=False),
                name="price_once_a_day_for_organization",
            ),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.line_item} from {self.starts_on}"
