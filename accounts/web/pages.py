"""What a page says of itself where its access is declared: its title and its place in the navigation."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PageMeta:
    """`nav` is the view name of the menu entry that a page stands under; empty for one that stands
    on its own or is an entry itself. `in_search` offers it in *Search or jump to* beside the menu.
    """

    title: str
    nav: str = ""
    in_search: bool = False
