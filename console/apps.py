"""The console app: puts the parts together."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AppConfig):
    name = "console"


class SupportAdminConfig(AdminConfig):
    default_site = "console.web.admin_site.SupportSite"
