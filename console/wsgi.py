"""The WSGI application. It refuses to load on a database that could lose committed rows."""

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

# Objects loaded so far stay as long as the process, so the garbage collector does not need to visit them.
gc.collect()
gc.freeze()
