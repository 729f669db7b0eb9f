"""URLs of projects. Each names one page or action."""

from django.urls import URLPattern, URLResolver, include, path

from projects import (
    archive_views,
    collaborator_views,
    ending_views,
    external_views,
    invitation_views,
    views,
)
from projects.api import invites as invite_api
from projects.api import projects as project_api
from projects.api import users as user_api
from projects.people import candidate_views, externals_views, file_views, several_views
from projects.service_accounts import views as account_views
from projects.tags import views as tag_views

collaborators: list[URLPattern] = [
    path("", collaborator_views.collaborators, name="collaborators"),
    path("add/", collaborator_views.add, name="collaborator_add"),
    path("add/csv/", file_views.add_from_file, name="collaborators_add_file"),
    path("add/members/", candidate_views.candidates, name="collaborator_candidates"),
    path("role/", several_views.change_roles, name="collaborators_role"),
    path("remove/", several_views.remove, name="collaborators_remove"),
    path("leave/", collaborator_views.leave, name="collaborators_leave"),
    path("remove-externals/", external_views.remove_all, name="collaborators_remove_externals"),
    path("<token:reference>/vouch/", external_views.vouch, name="collaborator_vouch"),
    path("<token:reference>/remove/", collaborator_views.remove, name="collaborator_remove"),
    path("<token:reference>/role/", collaborator_views.role, name="collaborator_role"),
    path("<token:reference>/end-date/", ending_views.end_date, name="collaborator_end_date"),
]
service_accounts: list[URLPattern] = [
    path("", account_views.service_accounts, name="service_accounts"),
    path("create/", account_views.create, name="service_account_create"),
    path("<token:reference>/rename/", account_views.rename, name="service_account_rename"),
    path("<token:reference>/role/", account_views.role, name="service_account_role"),
]
invitations = [
    path("<token:reference>/resend/", invitation_views.resend, name="project_invitation_resend"),
    path(
        "<token:reference>/withdraw/",
        invitation_views.withdraw,
        name="project_invitation_withdraw",
    ),
    path("<token:reference>/link/", invitation_views.link, name="project_invitation_link"),
]
project: list[URLPattern | URLResolver] = [
    path("", views.overview, name="project"),
    path("general/", views.settings, name="project_settings"),
    path("slug/", views.slug, name="project_slug"),
    path("tags/", tag_views.tags, name="project_tags"),
    path("archive/", archive_views.archive, name="project_archive"),
    path("restore/", archive_views.restore, name="project_restore"),
    path("collaborators/", include(collaborators)),
    path("service-accounts/", include(service_accounts)),
    path("invitations/", include(invitations)),
]
organization = [
    path("", views.projects, name="projects"),
    path("new/", views.new, name="project_new"),
    path("new-set/", views.new_set, name="project_new_set"),
]
api = [
    path("<token:project_id>", project_api.item, name="api_project"),
    path("<token:project_id>/archive", project_api.archive, name="api_project_archive"),
    path("<token:project_id>/unarchive", project_api.unarchive, name="api_project_unarchive"),
    path(
        "<token:project_id>/remove_externals",
        invite_api.remove_all,
        name="api_project_remove_externals",
    ),
    path("<token:project_id>/invites", invite_api.list_invites, name="api_project_invites"),
    path(
        "<token:project_id>/invites/<token:invite_id>",
        invite_api.withdraw,
        name="api_project_invite",
    ),
    path(
        "<token:project_id>/invites/<token:invite_id>/resend",
        invite_api.resend,
        name="api_project_invite_resend",
    ),
    path(
        "<token:project_id>/invites/<token:invite_id>/link",
        invite_api.link,
        name="api_project_invite_link",
    ),
    path("<token:project_id>/leave", user_api.leave, name="api_project_leave"),
    path("<token:project_id>/users", user_api.collection, name="api_project_users"),
    path("<token:project_id>/users/<token:user_id>", user_api.item, name="api_project_user"),
    path(
        "<token:project_id>/users/<token:user_id>/vouch",
        user_api.vouch,
        name="api_project_user_vouch",
    ),
]

urlpatterns = [
    path("v1/organization/projects", project_api.collection, name="api_organization_projects"),
    path("v1/organization/projects/", include(api)),
    path(
        "settings/organization/<tenant:slug>/externals/",
        externals_views.externals,
        name="externals",
    ),
    path("settings/projects/<tenant:slug>/", include(project)),
    path("settings/organization/<tenant:slug>/projects/", include(organization)),
]
