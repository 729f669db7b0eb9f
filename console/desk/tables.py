"""All tables of Django admin by what they are about, for the desk."""

from django.db.models import Model
from django.utils.text import capfirst

from accounts.models import (
    AuditEvent,
    Membership,
    Organization,
    OutgoingMail,
    OwnershipOffer,
    SupportRequest,
    User,
    ViewAs,
)
from console.desk.rows import list_url
from keys.models import ApiKey, KeyPolicy, LeakReport, ServiceCredential
from projects.models import Project
from usage.models import LineItem, ModelAlias, Price, Product, Reattribution

TABLES: dict[str, tuple[type[Model], ...]] = {
    "Customers": (Organization, User, Membership, OwnershipOffer),
    "Projects": (Project,),
    "Keys": (ApiKey, KeyPolicy, LeakReport, ServiceCredential),
    "Usage": (Product, LineItem, Price, ModelAlias, Reattribution),
    "Support": (SupportRequest, ViewAs, OutgoingMail, AuditEvent),
}


def list_tables() -> list[tuple[str, list[tuple[str, str]]]]:
    """Returns each group with the names and addresses of its tables; staff are users with a role."""
    tables = [
        (
            group,
            [(capfirst(str(model._meta.verbose_name_plural)), list_url(model)) for model in models],
        )
        for group, models in TABLES.items()
    ]
    tables[-1][1].append(("Staff and their roles", list_url(User, is_staff__exact=1)))
    return tables
