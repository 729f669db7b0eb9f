"""The methods of the official OpenAI client, below `client.admin.organization`, by operation."""

from usage.enums import UsageField

CLIENT_METHODS = {
    "api_admin_keys_get": "admin_api_keys.list",
    "api_admin_keys_post": "admin_api_keys.create",
    "api_admin_key_get": "admin_api_keys.retrieve",
    "api_admin_key_delete": "admin_api_keys.delete",
    "api_audit_logs": "audit_logs.list",
    "api_invites_get": "invites.list",
    "api_invites_post": "invites.create",
    "api_invite_get": "invites.retrieve",
    "api_invite_delete": "invites.delete",
    "api_users": "users.list",
    "api_user_get": "users.retrieve",
    "api_user_post": "users.update",
    "api_user_delete": "users.delete",
    "api_organization_projects_get": "projects.list",
    "api_organization_projects_post": "projects.create",
    "api_project_get": "projects.retrieve",
    "api_project_post": "projects.update",
    "api_project_archive": "projects.archive",
    "api_project_users_get": "projects.users.list",
    "api_project_users_post": "projects.users.create",
    "api_project_user_get": "projects.users.retrieve",
    "api_project_user_post": "projects.users.update",
    "api_project_user_delete": "projects.users.delete",
    "api_project_keys_get": "projects.api_keys.list",
    "api_project_key_get": "projects.api_keys.retrieve",
    "api_project_key_post": "projects.api_keys.update",
    "api_project_key_delete": "projects.api_keys.delete",
    "api_model_permissions_get": "projects.model_permissions.retrieve",
    "api_model_permissions_post": "projects.model_permissions.update",
    "api_model_permissions_delete": "projects.model_permissions.delete",
    "api_rate_limits": "projects.rate_limits.list_rate_limits",
    "api_rate_limit": "projects.rate_limits.update_rate_limit",
    "api_service_accounts_get": "projects.service_accounts.list",
    "api_service_accounts_post": "projects.service_accounts.create",
    "api_service_account_get": "projects.service_accounts.retrieve",
    "api_service_account_post": "projects.service_accounts.update",
    "api_service_account_delete": "projects.service_accounts.delete",
    "api_service_account_keys": "projects.service_accounts.api_keys.create",
    "api_costs": "usage.costs",
    **{
        f"api_usage_{path}": f"usage.{path}"
        for path in sorted({field.path for field in UsageField})
    },
}
