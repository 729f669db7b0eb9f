"""What *Add collaborator* says about the switches for external collaborators, and who can turn them on."""

from django.urls import reverse

from projects.access import ProjectAccess
from projects.forms import AddCollaboratorForm
from projects.people.drafts import AdditionDraft


def describe_switches(access: ProjectAccess, form: AddCollaboratorForm) -> dict[str, object]:
    """Returns the context of the notice about people outside the organization.

    Links keep what was entered. People who may not invite anyone from outside get no notice.
    """
    if not access.may.externals_manage or access.project.is_default:
        return {}
    closed = access.project.why_no_externals()
    if not closed:
        return {"externals_possible": True}
    organization, project = access.organization, access.project
    draft = AdditionDraft.parse(form.data) if form.is_bound else AdditionDraft(**form.initial)
    is_enabled = organization.external_collaborators_enabled
    switch_url = reverse("project_settings", args=[project.slug])
    request_url = reverse("externals_request", args=[organization.slug])
    may_request = access.may.support_request and not is_enabled
    return {
        "externals_closed": closed,
        "switch_url": "" if project.allow_external_collaborators else draft.extend_url(switch_url),
        "request_url": draft.extend_url(request_url) if may_request else "",
        # Only the Owner and Admins can ask support, so that everyone else has to know who they are.
        "who_can_request": ""
        if is_enabled or may_request
        else organization.memberships.owner().user,
        "can_allow_at_once": form.is_blocked and is_enabled,
    }
