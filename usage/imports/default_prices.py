"""Says which models in a file have no price of their own, and so got the price for any model."""

from collections.abc import Collection, Mapping

MAX_PRINTED_NAMES = 20


def format_default_priced(line_items: Mapping[str, Collection[str]]) -> str:
    """Returns a sentence about models and their line items without a price, '' if there are none."""
    if not line_items:
        return ""
    names = [f"{model} ({', '.join(sorted(line_items[model]))})" for model in sorted(line_items)]
    more = len(names) - MAX_PRINTED_NAMES
    rest = f" and {more:,} more" if more > 0 else ""
    return (
        "These models have no price of their own for what was counted, so they got the price for any "
        f"model: {', '.join(names[:MAX_PRINTED_NAMES])}{rest}."
    )
