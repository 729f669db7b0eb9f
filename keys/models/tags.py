"""Tags of API keys, which take the place of their projects' tags with the same name."""

from django.db import models

from keys.models.api_key import ApiKey
from projects.models.tags import TagPeriod, build_end_constraint


class KeyTag(TagPeriod):
    """The days on which a key has a tag."""

    api_key = models.ForeignKey(
        ApiKey, on_delete=models.PROTECT, db_index=False, related_name="tag_periods"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["api_key", "name", "starts_on"], name="keytag_starts_once"
            ),
            build_end_constraint("keytag"),
        ]
