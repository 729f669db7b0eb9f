"""A small API as the next parts will have it: things with a list, made, read and deleted."""

from typing import Annotated

import msgspec
from django.db.models import TextChoices
from django.http import HttpRequest
from django.urls import path
from msgspec import Meta

from accounts.permissions import Permission
from accounts.web.api.callers import Caller, Credential
from accounts.web.api.errors import refuse_value
from accounts.web.api.listing import ListParameters, ObjectList, list_objects
from accounts.web.api.payloads import NotSupported, Payload, ProjectId
from accounts.web.api.routes import api_route, join_routes
from console import urls
from projects.models import Project

TOKENS = (Credential.PERSONAL_TOKEN,)
handler400, handler403, handler404 = urls.handler400, urls.handler403, urls.handler404
handler500 = urls.handler500


class Color(TextChoices):
    RED = "red"
    BLUE = "blue"


class Owner(Payload, frozen=True):
    id: ProjectId
    weight: Annotated[int, Meta(ge=1)] = 1


class NewThing(Payload, frozen=True):
    name: Annotated[str, Meta(min_length=1, max_length=20, examples=["Lamp"])]
    color: Color = Color.RED
    owners: list[Owner] = []
    title: str = ""
    geography: NotSupported = None


class Thing(Payload, frozen=True, tag_field="object", tag="thing"):
    """A thing."""

    id: ProjectId
    name: Annotated[str, Meta(examples=["Lamp"])]
    color: Color | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of_project(cls, project: Project) -> "Thing":
        return cls(project.public_id, project.name)


class ThingParameters(ListParameters, frozen=True):
    colors: Annotated[list[Color], Meta(description="Of these colors.")] = msgspec.field(
        name="colors[]", default_factory=list
    )
    archived: bool = False


@api_route(
    "GET", "List things", tag="Projects", credentials=TOKENS, permission=Permission.PROJECTS_SEE
)
def list_things(request: HttpRequest, caller: Caller, query: ThingParameters) -> ObjectList[Thing]:
    """The newest first. None is yellow."""
    assert caller.organization is not None
    return list_objects(caller.organization.projects.all(), query, Thing.of_project)


@api_route(
    "POST",
    "Create a thing",
    tag="Projects",
    credentials=TOKENS,
    permission=Permission.PROJECTS_CREATE,
)
def create_thing(request: HttpRequest, caller: Caller, body: NewThing) -> Thing:
    """Creates nothing and answers as if it did; `Fan` cannot be created."""
    if body.name == "Fan":
        raise refuse_value("name: there is no Fan.", "name")
    return Thing("proj_cXkeYTh7DfxpsGrk6nra", body.name, body.color)


@api_route("DELETE", "Delete a thing", tag="Projects", credentials=TOKENS)
def delete_thing(request: HttpRequest, caller: Caller, reference: str) -> Thing:
    """Deletes nothing."""
    actor = caller.actor(request)
    return Thing("proj_cXkeYTh7DfxpsGrk6nra", f"{actor.person.email} {reference}")


urlpatterns = [
    path("v1/things", join_routes(list_things, create_thing), name="things"),
    path("v1/things/<token:reference>", delete_thing, name="thing"),
    *urls.urlpatterns,
]
