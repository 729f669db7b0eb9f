"""The page *Early access* for programs."""

import pytest
from django.test import Client

from tests.keys.helpers.admin_keys import issue_admin_key
from tests.world import World
from usage.catalogue.early_access import list_rows
from usage.models import Product

pytestmark = pytest.mark.django_db
URL = "/v1/organization/early_access"


def test_it_lists_what_the_page_lists(world: World) -> None:
    secret = issue_admin_key(world.owner, world.organization).secret
    answer = Client().get(URL, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    listed = answer.json()["data"]
    assert [(row["name"], [tuple(rule.values()) for rule in row["rules"]]) for row in listed] == [
        (row.product.name, [tuple(rule) for rule in row.rules]) for row in list_rows()
    ]
    by_code = {row["product"]: row["attribution"] for row in listed}
    assert by_code["serverless-inference"] == "project"
    assert by_code["playground"] == "never"
    assert by_code["volumes"] == "not_yet"
    Product.objects.filter(code="volumes").update(multi_project=True)
    again = Client().get(URL, headers={"Authorization": f"Bearer {secret}"}).json()["data"]
    assert {row["product"]: row["attribution"] for row in again}["volumes"] == "project"


def test_it_needs_a_credential_that_manages(world: World) -> None:
    assert Client().get(URL).status_code == 401
    answer = Client().get(URL, headers={"Authorization": f"Bearer {world.key_secret}"})
    assert answer.status_code == 403
