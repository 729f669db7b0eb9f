"""The routes for programs, which bring a credential of their own; see the tests of each API."""

from usage.enums import UsageField

PROGRAMS = {
    *("api_verify", "api_auth", "api_leaks"),
    *("api_usage_events", "api_usage_corrections", "api_billing_usage"),
    *("api_whoami", "api_whoami_flat", "api_projects"),
    *("api_admin_keys", "api_admin_key"),
    *("api_organization", "api_users", "api_user", "api_audit_logs"),
    *("api_organization_leave", "api_access_tokens", "api_access_token"),
    *("api_organization_keys", "api_organization_keys_revoke"),
    *("api_support_requests", "api_support_request", "api_support_request_withdraw"),
    *("api_invites", "api_invite", "api_invite_resend", "api_invite_link"),
    *("api_organization_projects", "api_project"),
    *("api_service_accounts", "api_service_account", "api_service_account_keys"),
    *("api_service_account_tokens", "api_service_account_token"),
    *("api_project_archive", "api_project_unarchive", "api_project_leave"),
    *("api_project_invites", "api_project_invite", "api_project_invite_resend"),
    *("api_project_invite_link", "api_project_remove_externals"),
    *("api_project_users", "api_project_user", "api_project_user_vouch"),
    *("api_costs", "api_project_usage", "api_early_access", "api_prices"),
    *("api_spend_limit", "api_spend_alerts", "api_spend_alert"),
    *("api_project_spend_limit", "api_project_spend_alerts", "api_project_spend_alert"),
    *("api_project_keys", "api_project_key", "api_project_key_rotate"),
    *("api_project_key_cancel_rotation", "api_project_key_finish_rotation"),
    "api_project_key_cancel_expiration",
    *("api_project_limits", "api_project_key_limits"),
    *("api_model_permissions", "api_rate_limits", "api_rate_limit"),
    *(f"api_usage_{path}" for path in sorted({field.path for field in UsageField})),
    "openapi",
    *("oauth_discovery", "oauth_device", "oauth_token", "oauth_revoke"),
}
