"""The database triggers for keys, terminals and personal access tokens."""

from accounts.triggers.tags import TagPeriods
from keys.triggers.account_tokens import ACCOUNT_TOKEN_TRIGGERS
from keys.triggers.admin_keys import ADMIN_KEY_TRIGGERS
from keys.triggers.keys import KEY_TRIGGERS
from keys.triggers.terminals import TERMINAL_TRIGGERS
from keys.triggers.tokens import TOKEN_TRIGGERS

TRIGGERS = (
    *ACCOUNT_TOKEN_TRIGGERS,
    *ADMIN_KEY_TRIGGERS,
    *KEY_TRIGGERS,
    *TagPeriods(
        table="keys_keytag",
        owner="api_key_id",
        owners="keys_apikey",
        place="keys_apikey w JOIN projects_project p ON p.id = w.project_id",
    ).list_triggers(),
    *TERMINAL_TRIGGERS,
    *TOKEN_TRIGGERS,
)
