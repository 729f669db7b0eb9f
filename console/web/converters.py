"""Path converters. Other values are answered with 404 before a view or the database sees them."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class TenantConverter(StringConverter):
    """The slug of an organization or project, or `~current`."""

    regex = r"~current|[a-z0-9-]{1,80}"


class TokenConverter(StringConverter):
    """A public id or a token: a prefix, an underscore, base62."""

    regex = r"[a-z]{1,20}_[0-9A-Za-z]{1,120}"


register_converter(TenantConverter, "tenant")
register_converter(TokenConverter, "token")
