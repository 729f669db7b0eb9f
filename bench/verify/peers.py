"""The limit and the peers, each as the smallest Django project there can be; PEER says which one.

No session, no middleware but one that gives the length, one renderer, persistent connections, one token
a user: the friendliest case for each. gunicorn runs it as `peers:application`; as a script it fills the
database and prints, as JSON, its keys and how many queries one request costs.
"""

import json
import os
import sys
from typing import Any

import django
from django.conf import settings

PEER = os.environ["PEER"]
APPS = {
    "bare": [],
    "api_key": ["rest_framework", "rest_framework_api_key"],
    "knox": ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "knox"],
}
settings.configure(
    SECRET_KEY="of a benchmark, " + "x" * 40,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=APPS[PEER],
    MIDDLEWARE=[f"{__name__}.with_length"],
    DATABASES=json.loads(os.environ["DATABASES"]),
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    REST_FRAMEWORK={
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse, JsonResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import path  # noqa: E402

ANSWER = {"valid": True}
BATCH = 2_000


def with_length(get_response: Any) -> Any:
    """What of Django's usual middleware makes an answer cheaper: without a length it goes in chunks."""

    def answer(request: HttpRequest) -> Any:
        response = get_response(request)
        response["Content-Length"] = str(len(response.content))
        return response

    return answer


def bare(request: HttpRequest) -> HttpResponse:
    return JsonResponse(ANSWER)


def view_of_peer() -> Any:
    from rest_framework.permissions import BasePermission, IsAuthenticated
    from rest_framework.response import Response
    from rest_framework.views import APIView

    kinds: list[type] = []
    permission: type[BasePermission] = IsAuthenticated
    if PEER == "knox":
        from knox.auth import TokenAuthentication

        kinds = [TokenAuthentication]
    else:
        from rest_framework_api_key.permissions import HasAPIKey

        permission = HasAPIKey

    class Answer(APIView):
        authentication_classes = kinds
        permission_classes = [permission]

        def get(self, request: Any) -> Any:
            return Response(ANSWER)

    return Answer.as_view()


urlpatterns = [path("", bare if PEER == "bare" else view_of_peer())]
application = get_wsgi_application()


def fill_api_keys(number: int) -> list[str]:
    from rest_framework_api_key.models import APIKey

    rows = [APIKey(name=f"key {n}") for n in range(number)]
    keys = [APIKey.objects.assign_key(row) for row in rows]
    APIKey.objects.bulk_create(rows, batch_size=BATCH)
    return keys


def fill_knox(number: int) -> list[str]:
    from django.contrib.auth.models import User
    from knox.models import AuthToken, get_digest_token
    from knox.settings import CONSTANTS

    people = User.objects.bulk_create(
        [User(username=f"person{n}") for n in range(number)], batch_size=BATCH
    )
    made = [get_digest_token() for _ in people]
    AuthToken.objects.bulk_create(
        [
            AuthToken(digest=digest, token_key=token[: CONSTANTS.TOKEN_KEY_LENGTH], user=person)
            for person, (digest, token) in zip(people, made, strict=True)
        ],
        batch_size=BATCH,
    )
    return [token for _, token in made]


def queries(authorization: str) -> int:
    client = Client(headers={"host": "127.0.0.1", "authorization": authorization})
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/").json() == ANSWER
    return len(captured)


def main() -> None:
    fill, scheme = {"api_key": (fill_api_keys, "Api-Key"), "knox": (fill_knox, "Token")}[PEER]
    call_command("migrate", run_syncdb=True, verbosity=0)
    keys = fill(int(sys.argv[1]))
    connection.cursor().execute("ANALYZE")
    cost = queries(f"{scheme} {keys[0]}")
    print(json.dumps({"keys": keys, "queries": cost}))


if __name__ == "__main__":
    main()
