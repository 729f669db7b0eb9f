"""Tables of projects, the people in them, and what invitations grant."""

from projects.models.collaborator import Collaborator, ProjectGrant
from projects.models.project import Project, ProjectSlug

__all__ = ["Collaborator", "Project", "ProjectGrant", "ProjectSlug"]
