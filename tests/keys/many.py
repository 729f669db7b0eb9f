"""Many keys of somebody at once, as rows alone: nobody verifies them."""

from accounts.models import User
from keys.models import ApiKey, KeySecret
from projects.models import Project


def many_keys(project: Project, user: User, number: int) -> list[ApiKey]:
    """That many active keys of the project, made by the person: `many-000`, `many-001`, …"""
    keys = ApiKey.objects.bulk_create(
        ApiKey(project=project, created_by=user, name=f"many-{index:03}") for index in range(number)
    )
    KeySecret.objects.bulk_create(
        KeySecret(
            api_key=key,
            mac=key.public_id.encode(),
            pepper_id="00000000",
            hint=f"pk_{index:04}…abcd",
            may_read_usage=False,
        )
        for index, key in enumerate(keys)
    )
    return keys
