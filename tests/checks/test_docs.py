"""The documents name what there is: rules in docs/rules.md, settings in docs/operating.md."""

import re

from django.apps import apps

from console.env_file import NAMES
from console.triggers import OURS, TRIGGERS
from tests.checks.source import ROOT

RULES = ROOT / "docs" / "rules.md"
# One sentence there stands for all of them.
CHOICES = "_known"


def missing(text: str) -> list[str]:
    constraints = (
        constraint.name
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        for constraint in model._meta.constraints
        if not constraint.name.endswith(CHOICES)
    )
    names = {*constraints, *(trigger.name for trigger in TRIGGERS)}
    return sorted(name for name in names if f"`{name}`" not in text)


def test_every_constraint_and_trigger_has_its_rule() -> None:
    assert missing(RULES.read_text()) == []


def test_a_missing_entry_is_found() -> None:
    text = RULES.read_text().replace("`membership_one_owner`", "")
    assert missing(text) == ["membership_one_owner"]


def test_every_setting_is_documented_and_has_a_known_name() -> None:
    text = (ROOT / "docs" / "operating.md").read_text()
    table = text[text.index("| Variable |") : text.index("## Deployment")]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == {*NAMES, "ENV_FILE"}
