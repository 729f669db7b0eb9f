"""Models of API keys, their secrets and policies, terminals, tokens, and service credentials."""

from keys.models.account_token import AccountToken
from keys.models.admin_key import AdminKey
from keys.models.api_key import ApiKey
from keys.models.credential import ServiceCredential
from keys.models.leak import LeakReport
from keys.models.limits import RequestLimits, SpendBlock
from keys.models.personal import PersonalToken
from keys.models.policy import KeyPolicy
from keys.models.secret import KeySecret
from keys.models.tags import KeyTag
from keys.models.terminal import DeviceLogin, TerminalSession
from keys.models.token import AccessToken

__all__ = [
    "AccessToken",
    "AccountToken",
    "AdminKey",
    "ApiKey",
    "DeviceLogin",
    "KeyPolicy",
    "KeySecret",
    "KeyTag",
    "LeakReport",
    "PersonalToken",
    "RequestLimits",
    "ServiceCredential",
    "SpendBlock",
    "TerminalSession",
]
