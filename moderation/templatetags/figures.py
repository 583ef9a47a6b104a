"""How figures read."""

from collections import Counter
from collections.abc import Iterable

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from moderation.months import Month

register = template.Library()
HOUR, DAY = 60, 1440  # minutes


@register.filter
def is_few(number: int, few: int | None) -> bool:
    """Whether so small a number could tell of one person, on a page that hides those."""
    return bool(few) and 0 < number < (few or 0)


@register.filter
def unless_few(number: int, few: int | None) -> str:
    """The number, or that it is small."""
    return _("fewer than %(few)s") % {"few": few} if is_few(number, few) else str(number)


@register.filter
def span(minutes: int | None) -> str:
    """Minutes as people say it."""
    if minutes is None:
        return "–"
    if minutes < HOUR:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    if minutes < 2 * DAY:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // HOUR) % {"n": minutes // HOUR}
    return ngettext("%(n)s day", "%(n)s days", minutes // DAY) % {"n": minutes // DAY}


@register.filter
def reasons_of(months: Iterable[Month]) -> list[tuple[str, int]]:
    """How many refusals quote each rule over all these months, the most first."""
    total: Counter[str] = Counter()
    for month in months:
        total.update(month.reasons)
    return total.most_common()
