"""How figures read."""

from collections import Counter

from django import template
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from moderation.months import Month

register = template.Library()
HIDDEN = _("not shown")
HOUR, DAY = 60, 1440  # minutes


@register.filter
def is_few(number: int, few: int | None) -> bool:
    """Whether so small a number could tell of one person, on a page that hides those."""
    return bool(few) and 0 < number < (few or 0)


@register.filter
def unless_few(number: int, few: int | None) -> str:
    """The number, or that it is small."""
    return gettext("fewer than %(few)s") % {"few": few} if is_few(number, few) else str(number)


@register.filter
def received(month: Month, few: int | None) -> str:
    """How many comments came; not if a small number is what is left of it when one takes off those that are shown.

    How many were published is no secret: they can be counted on the pages.
    """
    refused = 0 if is_few(month.refused, few) else month.refused
    rest = month.received - month.published - refused
    return str(HIDDEN) if is_few(rest, few) and not is_few(month.received, few) else unless_few(month.received, few)


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
def reasons_of(months: list[Month], few: int | None) -> list[tuple[str, str]]:
    """How many refusals quote each rule over all these months, the most first.

    Where a small number would be left of all refusals, the smallest of those that are shown is hidden, too. Months with
    few refusals do not count: what the others leave of a rule would tell of them.
    """
    total: Counter[str] = Counter()
    counted = [month for month in months if not is_few(month.refused, few)]
    for month in counted:
        total.update(month.reasons)
    listed = total.most_common()
    told = [number for _title, number in listed if not is_few(number, few)]
    left = sum(month.refused for month in counted) - sum(told)
    least = told[-1] if told and is_few(left, few) else 0
    return [(title, str(HIDDEN) if number == least else unless_few(number, few)) for title, number in listed]
