"""Tables of keys, their secrets, the rules about them, and the platform's own credentials."""

from keys.models.api_key import ApiKey
from keys.models.credential import ServiceCredential
from keys.models.leak import LeakReport
from keys.models.policy import KeyPolicy
from keys.models.secret import KeySecret

__all__ = ["ApiKey", "KeyPolicy", "KeySecret", "LeakReport", "ServiceCredential"]
