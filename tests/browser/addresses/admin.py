"""The pages of Django admin that a browser visits."""

from typing import Any

from django.urls import reverse

from accounts.actors import Actor
from keys.credentials.services import create_credential
from tests.conftest import LONG
from tests.database.attempts.usage import move
from tests.routes.library_table import MODELS
from tests.world import World
from usage.models import LineItem, ModelAlias, Price, Product

CATALOGUE_ACTS = (
    *("usage_product_edit", "usage_product_multi_project", "usage_product_line_item"),
    *("usage_lineitem_edit", "usage_lineitem_price"),
    *("usage_price_edit", "usage_price_take_back"),
    *("usage_modelalias_edit", "usage_modelalias_remove"),
    *("usage_reattribution_undo", "usage_reattribution_resume"),
)

# One that finds something, one that finds nothing, one that cannot be searched.
SEARCH_SAMPLES = ("accounts_organization", "keys_servicecredential", "keys_keypolicy")
HISTORY_SAMPLES = ("accounts_organization", "usage_price")


def of_admin(world: World) -> list[str]:
    """Support's pages: each list, what a search finds in it, and one row of each kind in full.

    Searches and histories of the other kinds show nothing else: with `--long` these are looked at, too.
    """
    credential = create_credential(actor=Actor.of_user(world.staff), name="gateway").credential
    rows = {
        "accounts_organization": world.organization,
        "accounts_user": world.owner,
        "accounts_supportrequest": world.support_request,
        "projects_project": world.research,
        "keys_apikey": world.key,
        "keys_servicecredential": credential,
        "usage_product": Product.objects.get(code="volumes"),
        "usage_lineitem": LineItem.objects.get(product__code="volumes"),
        "usage_price": Price.objects.earliest("pk"),
        "usage_modelalias": ModelAlias.objects.create(pattern="gateway/*"),
        "usage_reattribution": move(world),
    }
    with_search = MODELS if LONG else SEARCH_SAMPLES
    with_history = rows if LONG else HISTORY_SAMPLES
    return [
        reverse("admin:index"),
        *(reverse(f"admin:{model}_changelist") for model in MODELS),
        *(f"{reverse(f'admin:{model}_changelist')}?q=north" for model in with_search),
        f"{reverse('admin:accounts_user_changelist')}?q=nobody-of-that-name&is_staff__exact=1&o=-2",
        *(reverse(f"admin:{model}_change", args=[row.pk]) for model, row in rows.items()),
        *(reverse(f"admin:{model}_history", args=[rows[model].pk]) for model in with_history),
        *acts(world, rows),
    ]


def acts(world: World, rows: dict[str, Any]) -> list[str]:
    return [
        *(
            reverse(f"admin:accounts_supportrequest_{act}", args=[world.support_request.pk])
            for act in ("grant", "decline")
        ),
        reverse("admin:accounts_organization_suspend", args=[world.organization.pk]),
        reverse("admin:keys_servicecredential_create"),
        reverse("admin:keys_servicecredential_revoke", args=[rows["keys_servicecredential"].pk]),
        reverse(
            "admin:accounts_organization_view_as",
            args=[world.organization.pk, world.member.public_id],
        ),
        reverse("admin:usage_product_create"),
        reverse("admin:usage_product_preset"),
        reverse("admin:usage_price_create"),
        reverse("admin:usage_modelalias_create"),
        reverse("admin:usage_modelalias_unpriced"),
        f"{reverse('admin:index')}?q=north",
        reverse("admin:app_list", args=["usage"]),
        reverse("admin:usage_reattribution_move"),
        *(
            reverse(f"admin:{act}", args=[rows["_".join(act.split("_")[:2])].pk])
            for act in CATALOGUE_ACTS
        ),
    ]
