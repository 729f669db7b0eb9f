"""The tests' settings as an installation behind https has them."""

import os
import tempfile

os.environ |= {
    "BASE_URL": "https://console.example.com",
    "DATA_DIR": tempfile.gettempdir(),
    "DEMO": "0",
    "LOG_LEVEL": "ERROR",
    "SECRET_KEY": "a-secret-key-for-the-tests-and-for-nothing-else-" + "x" * 16,
    "PEPPER": "a-pepper-for-the-tests-and-for-nothing-else-" + "x" * 20,
}

from console.settings import *  # noqa: F403  (they read the environment made above)

# No page asked here needs a row, and none may need one.
DATABASES = {"default": {"ENGINE": "django.db.backends.dummy"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
STORAGES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
