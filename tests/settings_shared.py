"""Settings that the tests and the servers beside them have in common."""

# Straight from the source directories: tests must not depend on a collectstatic.
PLAIN_STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
