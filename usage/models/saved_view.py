"""Views of usage that people saved under a name."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.fields import NameField, PublicIdField
from accounts.models import Organization, User
from accounts.models.principals import Principal
from accounts.permissions import Permission
from projects.models import Project

MAX_VIEWS = 20  # of a person in an organization
QUERY_LENGTH = 2_000


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, principal: Principal) -> Self:
        """A person's own views of pages that they can open now."""
        projects = Project.objects.visible_to(principal).allowing(Permission.USAGE_SEE)
        organizations = Organization.objects.visible_to(principal).allowing(
            Permission.COST_ANALYTICS_SEE
        )
        may_see = Q(project__in=projects.values("pk")) | Q(
            project=None, organization__in=organizations.values("pk")
        )
        return self.filter(may_see, user=principal.user)


class SavedView(models.Model):
    """The query of a usage page, of a project or without one of the cost analytics.

    `number` is its place among those of the person in the organization.
    """

    public_id = PublicIdField("view")
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, db_index=False, related_name="saved_views"
    )
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, related_name="+")
    name = NameField()
    query = models.CharField(max_length=QUERY_LENGTH, blank=True)
    number = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("user", "organization", "number")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization", "name"], name="savedview_name_once"
            ),
            models.UniqueConstraint(
                fields=["user", "organization", "number"], name="savedview_number_once"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MAX_VIEWS), name="savedview_at_most_twenty"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """The URL of the page that it shows."""
        if self.project:
            path = reverse("usage", args=[self.project.slug])
        else:
            path = reverse("cost_analytics", args=[self.organization.slug])
        return f"{path}?{self.query}" if self.query else path
