"""A page's title and place in the navigation, declared with its access control."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PageMeta:
    """`nav` is the view name of the menu entry that the page belongs to; empty if the page is an entry itself
    or belongs to none. `in_search` adds the page to *Search or jump to*.
    """

    title: str
    nav: str = ""
    in_search: bool = False
