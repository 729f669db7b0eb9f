"""The service accounts of a project, as its pages list them."""

from dataclasses import dataclass

from projects.access import ProjectAccess
from projects.models import ServiceAccount
from projects.service_accounts.rights import may_manage_account


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A service account, and whether the reader may manage it."""

    account: ServiceAccount
    may_manage: bool


def list_accounts(access: ProjectAccess) -> list[AccountRow]:
    """Returns all service accounts of the project, which are at most `MAX_ACCOUNTS`.

    The access decorator has already looked for some, so without any there is no query.
    """
    if not access.may.service_accounts_see or not access.project.has_accounts:
        return []
    accounts = access.project.service_accounts.current().with_creators().with_use()
    return [
        AccountRow(account, may_manage_account(access, account))
        for account in accounts.order_by("search_text", "pk")
    ]
