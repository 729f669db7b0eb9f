"""Counts the API keys and service credentials under each pepper, to see when an old one can be removed.

They move to PEPPER when they are used. Those under an unknown pepper no longer work.
"""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from accounts.crypto.peppers import peppers
from keys.models import KeySecret, ServiceCredential


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        secrets = KeySecret.objects.live().filter(api_key__revoked_at=None)
        credentials = ServiceCredential.objects.unrevoked()
        counts = [
            Counter(rows.values_list("pepper_id", flat=True)) for rows in (secrets, credentials)
        ]
        positions = {pepper.id: number for number, pepper in enumerate(peppers())}
        for pepper_id in sorted(
            {*positions, *counts[0], *counts[1]}, key=lambda pepper_id: positions.get(pepper_id, 99)
        ):
            number = positions.get(pepper_id)
            name = f"PEPPER_PREVIOUS, value {number}" if number else "PEPPER"
            self.stdout.write(
                f"{name if number is not None else 'unknown pepper'}: "
                f"{counts[0][pepper_id]} API key secrets, {counts[1][pepper_id]} service credentials"
            )
