"""The projects app: what is isolated from what, and who works in it."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
