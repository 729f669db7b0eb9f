"""The console's settings as the tests use them: production's, in a throw-away DATA_DIR.

Whatever the developer's shell says is put aside first, so that a test run is the same everywhere.
TEST_DATABASE=postgresql runs on a real PostgreSQL that is started here and ends with the run.
"""

import os

from tests.settings_shared import PLAIN_STORAGES
from tests.support.postgres import postgres_of_the_run
from tests.support.scratch import database_directory

directory = database_directory("console-tests")
(directory / "static").mkdir()

ASIDE = (
    "CACHE_URL DATABASE_URL EMAIL_URL ENV_FILE HSTS KEY_CACHE_SECONDS LEAK_REPORT_KEYS "
    "MAIL_FROM NO_MAIL PEPPER_PREVIOUS PORT SECURITY_CONTACT SIGNUP"
)
LIMITS = "ORGANIZATION PERSON READ REFUSED TOKENS USAGE"
for name in (*ASIDE.split(), *(f"RATE_LIMIT_{each}" for each in LIMITS.split())):
    os.environ.pop(name, None)
os.environ |= {
    "DATA_DIR": str(directory),
    "BASE_URL": "http://127.0.0.1:8000",
    "DEMO": "0",
    "LOG_LEVEL": "WARNING",
    "SECRET_KEY": "a-secret-key-for-the-tests-and-for-nothing-else-" + "x" * 16,
    "PEPPER": "a-pepper-for-the-tests-and-for-nothing-else-" + "x" * 20,
    "ENCRYPTION_KEY": "an-encryption-key-for-the-tests-and-nothing-else" + "x" * 16,
}
if os.environ.get("TEST_DATABASE") == "postgresql":
    os.environ["DATABASE_URL"] = postgres_of_the_run()

from console.settings import *  # noqa: E402, F403  (they read the environment made above)
from console.settings import INSTALLED_APPS as PRODUCTION_APPS  # noqa: E402

# First, so that its `flush` is found before Django's.
INSTALLED_APPS = ["tests", *PRODUCTION_APPS]
# The real hasher is slow on purpose; only its own test needs it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = PLAIN_STORAGES
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
# Races invite the same person over and over; tests/accounts/invitations/test_mail_limits.py lowers it.
INVITATIONS_PER_RECIPIENT = 1_000
