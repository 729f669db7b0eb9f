"""Tags of the demo world's projects and API keys. As always, they count from the day after they are set."""

from accounts.actors import Actor
from keys.api_keys.tag_services import change_key_tags
from projects.models import Project
from projects.tags.services import change_project_tags

PROJECT_TAGS = {
    "ml-research": {"cost-center": "4200", "environment": "development", "team": "Research"},
    "production": {"cost-center": "4711", "environment": "production", "team": "Platform"},
}
# By the names of keys, which have these in place of their project's.
KEY_TAGS = {
    "ml-research": {
        "prod-inference": {"customer": "Adventure Works", "environment": "production"},
        "ci-pipeline": {"environment": "test"},
        "nightly-evals": {"environment": "test"},
    },
    "production": {
        "api-gateway": {"customer": "Fourth Coffee"},
        "billing-export": {"cost-center": "4730", "team": "Finance"},
    },
}


def set_demo_tags(project: Project, slug: str, owner: Actor) -> None:
    """Sets the tags of a project and its keys, unless it has or had some."""
    if project.tag_periods.exists():
        return
    change_project_tags(actor=owner, project=project, tags=PROJECT_TAGS[slug])
    for key in project.api_keys.listed().unrevoked().filter(name__in=KEY_TAGS[slug]):
        if not key.tag_periods.exists():
            change_key_tags(actor=owner, key=key, tags=KEY_TAGS[slug][key.name])
