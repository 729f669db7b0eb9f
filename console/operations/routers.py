"""Routes the cache table, and nothing else, to its own SQLite file."""

from typing import Any

from django.conf import settings
from django.db.models import Model

CACHE_APP = "django_cache"


class CacheRouter:
    """Routes Django's DatabaseCache (app label `django_cache`) to the database `cache`, if it exists."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return self._cache_alias() if model._meta.app_label == CACHE_APP else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        if app_label == CACHE_APP:
            return db == self._cache_alias()
        return False if db == "cache" else None

    def _cache_alias(self) -> str:
        return "cache" if "cache" in settings.DATABASES else "default"
