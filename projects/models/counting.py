"""The rows that belong to a project, for counting them in the query that reads projects."""

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Subquery

from accounts.models import Invitation


def get_related_model(*relations: str) -> Any:
    """Returns the model at the end of a path of relations from projects. It depends on theirs."""
    model: Any = apps.get_model("projects", "Project")
    for relation in relations:
        model = model._meta.get_field(relation).related_model
    return model


class SubqueryCount(Subquery):
    """The number of rows of a queryset with OuterRefs, as a scalar without GROUP BY or joins."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = models.IntegerField()

    def __init__(self, queryset: models.QuerySet[Any]) -> None:
        super().__init__(queryset.order_by().values("pk"))


def listed_rows() -> models.QuerySet[Any]:
    """Collaborators of the outer query's project. Their model depends on that of projects."""
    listed: Any = get_related_model("collaborators")
    rows: models.QuerySet[Any] = listed.objects
    return rows.filter(project=OuterRef("pk"))


def unrevoked_keys() -> Any:
    """API keys that are not revoked, without Default Keys. Their model depends on that of projects."""
    key: Any = get_related_model("api_keys")
    return key.objects.listed().unrevoked()


def active_keys() -> models.QuerySet[Any]:
    """Active API keys without Default Keys."""
    rows: models.QuerySet[Any] = unrevoked_keys().active()
    return rows


def people_count() -> SubqueryCount:
    return SubqueryCount(listed_rows())


def pending_invitations() -> models.QuerySet[Invitation]:
    """Pending invitations to the outer query's project."""
    return Invitation.objects.pending().filter(project_ref=OuterRef("public_id"))


def service_accounts() -> Any:
    """Service accounts of the outer query's project that were not removed."""
    accounts = get_related_model("service_accounts")
    return accounts.objects.current().filter(project=OuterRef("pk"))


def spend_blocks() -> Any:
    """Blocks of spent budgets in the organization of the outer query's project."""
    blocks = get_related_model("organization", "spend_blocks")
    return blocks.objects.filter(organization=OuterRef("organization_id"))
