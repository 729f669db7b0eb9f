"""The limits of keys and projects as verification reads and applies them: IP addresses and models.

How many requests they allow is counted in `rates.py`.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Self

from accounts.web.client_ip import Address
from keys.enums import Code, ModelRule

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# How each database makes one text of a row of limits; the columns are those of `Rules.parse`.
COLUMNS = (
    "l.api_key_id, l.project_id, l.requests_per_minute, l.requests_per_day, l.model_rule, "
    "l.model_names, l.ip_ranges"
)
AS_TEXT = {
    "sqlite": f"json_array({COLUMNS})",
    "postgresql": f"CAST(json_build_array({COLUMNS}) AS text)",
}
# Two columns of the verification query: the limits of the key and of its project, null without any.
LIMITS = (
    "(SELECT {text} FROM keys_requestlimits l WHERE l.api_key_id = k.id), "
    "(SELECT {text} FROM keys_requestlimits l WHERE l.project_id = p.id)"
)
# What a model can be called in usage events too. A comma can come from a header that was sent twice.
MODEL_NAME = re.compile(r"[!-+\--~]{1,100}")


class RequestFacts(NamedTuple):
    """What a gateway says about the request for which it verifies a key; None for what it does not say."""

    model: str | None = None
    address: Address | None = None


class Rules(NamedTuple):
    """The limits of a key or project. `subject` is what its requests are counted as."""

    subject: str
    per_minute: int | None
    per_day: int | None
    model_rule: str
    model_names: frozenset[str]
    ip_ranges: tuple[Network, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Returns the limits from the text that the query makes of a row."""
        api_key, project, per_minute, per_day, model_rule, names, ranges = json.loads(text)
        subject = f"key:{api_key}" if api_key else f"project:{project}"
        networks = tuple(map(ipaddress.ip_network, ranges.split()))
        return cls(subject, per_minute, per_day, model_rule, frozenset(names.split()), networks)

    def check_address(self, facts: RequestFacts) -> Code | None:
        """Returns why the address of a request is refused, None if it is not."""
        if not self.ip_ranges:
            return None
        if facts.address is None:
            return Code.ADDRESS_REQUIRED
        # An address is in no range of the other version.
        is_inside = any(facts.address in network for network in self.ip_ranges)
        return None if is_inside else Code.ADDRESS

    def check_model(self, facts: RequestFacts) -> Code | None:
        """Returns why the model of a request is refused, None if it is not."""
        if self.model_rule == ModelRule.ANY:
            return None
        if not facts.model:
            return Code.MODEL_REQUIRED
        if not MODEL_NAME.fullmatch(facts.model):
            return Code.MODEL
        is_listed = fold_model(facts.model) in self.model_names
        return None if is_listed == (self.model_rule == ModelRule.ALLOW) else Code.MODEL


# Rows rarely change, and parsing ranges takes longer than the query.
parse_rules: Callable[[str], Rules] = lru_cache(10_000)(Rules.parse)


def fold_model(name: str) -> str:
    """Returns the spelling in which names of models are compared: case makes no difference."""
    return name.lower()


def find_refusal(limits: Sequence[Rules], facts: RequestFacts) -> Code | None:
    """Returns why limits refuse a request, None if they do not. Those of key and project both hold."""
    checks: list[Any] = [rules.check_address for rules in limits]
    checks += [rules.check_model for rules in limits]
    return next((code for check in checks if (code := check(facts))), None)
