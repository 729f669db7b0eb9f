"""Production's settings for a server beside the tests: their database, cache and plain static files."""

import os

from console.settings import *  # noqa: F403
from console.settings import DATABASES
from tests.settings_shared import PLAIN_STORAGES

if "TEST_CACHE" in os.environ:
    DATABASES["cache"]["NAME"] = os.environ["TEST_CACHE"]
STORAGES = PLAIN_STORAGES
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
ROOT_URLCONF = os.environ["TEST_URLCONF"]
