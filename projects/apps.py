"""The projects app: workspaces, and the people who work in them."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
