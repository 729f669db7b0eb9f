"""Models of projects, their collaborators and tags, and the projects that invitations grant."""

from projects.models.collaborator import Collaborator, ProjectGrant
from projects.models.periods import CollaborationPeriod
from projects.models.project import Project, ProjectSlug
from projects.models.service_account import ServiceAccount, ServiceAccountRole
from projects.models.tags import ProjectTag, Tag

__all__ = [
    "CollaborationPeriod",
    "Collaborator",
    "Project",
    "ProjectGrant",
    "ProjectSlug",
    "ProjectTag",
    "ServiceAccount",
    "ServiceAccountRole",
    "Tag",
]
