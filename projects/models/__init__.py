"""Tables of projects, the people in them, and what invitations grant."""

from projects.models.collaborator import Collaborator, ProjectGrant
from projects.models.periods import CollaborationPeriod
from projects.models.project import Project, ProjectSlug

__all__ = ["CollaborationPeriod", "Collaborator", "Project", "ProjectGrant", "ProjectSlug"]
