"""URLs of the usage app."""

from django.urls import URLPattern, URLResolver, include, path

from usage.billing import api as billing_api
from usage.buckets import costs, quantities
from usage.budgets.api import organization as budget_api
from usage.budgets.api import projects as project_budget_api
from usage.budgets.pages import views as budget_views
from usage.catalogue import api as catalogue_api
from usage.catalogue import views as catalogue_views
from usage.ingest import api
from usage.reports import views
from usage.reports.api import views as report_api
from usage.reports.filtering import views as filter_views
from usage.saved_views import views as saved_views

budgets = [
    path("", budget_views.budgets, name="budgets"),
    path("create/", budget_views.create, name="budget_create"),
    path("<token:reference>/", budget_views.budget, name="budget"),
    path("<token:reference>/change/", budget_views.change, name="budget_change"),
    path("<token:reference>/delete/", budget_views.delete, name="budget_delete"),
    path("<token:reference>/test/", budget_views.send_test, name="budget_test"),
]
project_budgets = [
    path("", budget_views.project_budgets, name="project_budgets"),
    path("create/", budget_views.create_of_project, name="project_budget_create"),
    path("<token:reference>/", budget_views.project_budget, name="project_budget"),
    path("<token:reference>/change/", budget_views.change_of_project, name="project_budget_change"),
    path("<token:reference>/delete/", budget_views.delete_of_project, name="project_budget_delete"),
    path("<token:reference>/test/", budget_views.send_test_of_project, name="project_budget_test"),
]
PROJECT = "v1/organization/projects/<token:project_id>"
spend_api = [
    path("v1/organization/spend_limit", budget_api.limit, name="api_spend_limit"),
    path("v1/organization/spend_alerts", budget_api.alerts, name="api_spend_alerts"),
    path("v1/organization/spend_alerts/<token:alert_id>", budget_api.alert, name="api_spend_alert"),
    path(f"{PROJECT}/spend_limit", project_budget_api.limit, name="api_project_spend_limit"),
    path(f"{PROJECT}/spend_alerts", project_budget_api.alerts, name="api_project_spend_alerts"),
    path(
        f"{PROJECT}/spend_alerts/<token:alert_id>",
        project_budget_api.alert,
        name="api_project_spend_alert",
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("early-access/", catalogue_views.early_access, name="early_access"),
    path("pricing/", catalogue_views.pricing, name="pricing"),
    path("v1/billing/usage", billing_api.usage, name="api_billing_usage"),
    *(
        path(f"v1/organization/usage/{name}", view, name=f"api_usage_{name}")
        for name, view in quantities.VIEWS.items()
    ),
    path("v1/organization/costs", costs.costs, name="api_costs"),
    path("v1/organization/early_access", catalogue_api.early_access, name="api_early_access"),
    path("v1/organization/prices", catalogue_api.prices, name="api_prices"),
    *spend_api,
    path(
        "v1/organization/projects/<token:project_id>/usage",
        report_api.project_usage,
        name="api_project_usage",
    ),
    path("v1/usage/events", api.events, name="api_usage_events"),
    path("v1/usage/corrections", api.corrections, name="api_usage_corrections"),
    path("settings/organization/<tenant:slug>/budgets/", include(budgets)),
    path("settings/projects/<tenant:slug>/budgets/", include(project_budgets)),
    path("settings/projects/<tenant:slug>/usage/", views.usage, name="usage"),
    path(
        "settings/projects/<tenant:slug>/usage/filter/",
        filter_views.usage_filter,
        name="usage_filter",
    ),
    path(
        "settings/organization/<tenant:slug>/cost-analytics/",
        views.cost_analytics,
        name="cost_analytics",
    ),
    path(
        "settings/projects/<tenant:slug>/usage/save-view/",
        saved_views.usage_view_save,
        name="usage_view_save",
    ),
    path(
        "settings/organization/<tenant:slug>/cost-analytics/save-view/",
        saved_views.cost_analytics_view_save,
        name="cost_analytics_view_save",
    ),
    path("saved-views/", saved_views.saved_views, name="saved_views"),
    path("saved-views/<token:reference>/rename/", saved_views.rename, name="saved_view_rename"),
    path("saved-views/<token:reference>/delete/", saved_views.delete, name="saved_view_delete"),
    path(
        "settings/organization/<tenant:slug>/cost-analytics/filter/",
        filter_views.cost_analytics_filter,
        name="cost_analytics_filter",
    ),
]
