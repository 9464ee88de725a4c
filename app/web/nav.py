"""The main menus. Each door adds its own entries; ``current`` follows the endpoint's blueprint or prefix."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from app.accounts import policy
from app.actor import Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """``side`` vendor or staff; ``action`` the policy a person needs to see it; ``owns`` endpoint prefixes it lights up for."""

    side: str
    label: str
    endpoint: str
    action: str
    order: int
    owns: tuple[str, ...] = ()
    pending: bool = False        # also before the registration is approved


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    current: bool


_entries: dict[tuple[str, str], Entry] = {}


def add(side: str, label: str, endpoint: str, action: str, *, order: int, owns: tuple[str, ...] = (),
        pending: bool = False) -> None:
    """Put an entry into the menu of one side; the same endpoint again replaces it."""
    _entries[(side, endpoint)] = Entry(side, label, endpoint, action, order, owns, pending)


def links(side: str, actor: Actor, *, pending: bool) -> list[Link]:
    """The menu as this person sees it now."""
    entries = sorted((e for e in _entries.values() if e.side == side), key=lambda e: e.order)
    return [Link(e.label, url_for(e.endpoint), _is_current(e)) for e in entries
            if e.endpoint in current_app.view_functions and (e.pending or not pending) and policy.may(actor, e.action)]


def _is_current(entry: Entry) -> bool:
    here = request.endpoint or ""
    return here == entry.endpoint or here.startswith(entry.owns) if entry.owns else here == entry.endpoint
