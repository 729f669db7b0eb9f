"""The WSGI application; it refuses to load on a database that could lose acknowledged rows."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

application = get_wsgi_application()

from console.operations.durability import refuse_unsafe_database  # noqa: E402  (needs the app registry)
from console.operations.logs import mask_server_logs  # noqa: E402
from keys.verification.last_used import WRITER  # noqa: E402

refuse_unsafe_database()
mask_server_logs()
WRITER.enable()

# What is loaded by now stays: the collector need not look at it again in each request.
gc.collect()
gc.freeze()
