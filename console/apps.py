"""The console app: settings, URLs, middleware and commands that span the other apps."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AppConfig):
    name = "console"


class SupportAdminConfig(AdminConfig):
    default_site = "console.web.admin_site.SupportSite"
