"""What the database refuses or does by itself for keys, terminals and tokens, beyond constraints."""

from keys.triggers.keys import KEY_TRIGGERS
from keys.triggers.terminals import TERMINAL_TRIGGERS
from keys.triggers.tokens import TOKEN_TRIGGERS

TRIGGERS = (*KEY_TRIGGERS, *TERMINAL_TRIGGERS, *TOKEN_TRIGGERS)
