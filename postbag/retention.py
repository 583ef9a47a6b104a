"""What is kept of people, why and for how long: the table of the privacy page, from the settings that the clock obeys.

docs/privacy.md says the same to those who run it; a test compares the names of the settings.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


@dataclass(frozen=True)
class Kept:
    """One row: what is kept, what for, and until when; in words for whom it is about."""

    what: str
    why: str
    until: str
    setting: str = ""


def table() -> list[Kept]:
    """All rows, in the order of a comment's and an alert's life."""
    return [*_undecided(), *_decided(), *_taken_back(), *_noted(), *_alerts(), *_mails()]


def fingerprint() -> str:
    """Changes with the table: a page that shows it is another page then."""
    return "-".join(str(getattr(settings, kept.setting)) for kept in table() if kept.setting)


def _undecided() -> list[Kept]:
    hours = settings.COMMENT_CONFIRM_HOURS
    return [
        Kept(
            _("A comment that you have not confirmed: your name, email address and words"),
            _("To ask you to confirm it"),
            ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours},
            "COMMENT_CONFIRM_HOURS",
        ),
        Kept(
            _("A comment that awaits a decision: your name, email address and words"),
            _("To decide on it, and to tell you"),
            _("Until it is decided; %(days)s at most") % {"days": _days(settings.PENDING_DAYS)},
            "PENDING_DAYS",
        ),
    ]


def _decided() -> list[Kept]:
    published = _days(settings.APPROVED_ADDRESS_DAYS)
    return [
        Kept(
            _("Other words for your comment, from an edit, and what you said in an appeal"),
            _("To decide on them; to account for the decision"),
            _("As long as your comment"),
        ),
        Kept(
            _("Your email address with a comment that we did not publish"),
            _("To tell you why, and to answer an appeal"),
            _("%(days)s after the decision") % {"days": _days(settings.REFUSED_ADDRESS_DAYS)},
            "REFUSED_ADDRESS_DAYS",
        ),
        Kept(
            _("Your email address with a published comment"),
            _("To tell you that it was published"),
            _("%(days)s after it was published") % {"days": published},
            "APPROVED_ADDRESS_DAYS",
        ),
        Kept(
            _("Your email address, if you asked for emails about replies"),
            _("To tell you of replies"),
            _("%(days)s after comments on the post closed, or %(most)s after your comment was published at most")
            % {"days": published, "most": _days(settings.APPROVED_ADDRESS_DAYS + settings.REPLY_DAYS)},
            "REPLY_DAYS",
        ),
    ]


def _taken_back() -> list[Kept]:
    return [
        Kept(
            _("Your name and words in a comment that was decided"),
            _("To publish it; to account for the decision"),
            _("Until you withdraw or erase it"),
        ),
        Kept(
            _("A comment that you withdrew: your name and words"),
            _("To answer questions about it"),
            _days(settings.WITHDRAWN_DAYS),
            "WITHDRAWN_DAYS",
        ),
        Kept(
            _("What you said in a report of a comment, and a code made from your network"),
            _("To look at that comment, and to know how often such reports were right"),
            _("%(days)s after we decided") % {"days": _days(settings.REPORT_DAYS)},
            "REPORT_DAYS",
        ),
        Kept(
            _("What moderators note about you, with a code made from your email address"),
            _("To decide your next comment"),
            _("%(days)s after it was written") % {"days": _days(settings.NOTE_DAYS)},
            "NOTE_DAYS",
        ),
    ]


def _noted() -> list[Kept]:
    return [
        Kept(
            _("What our moderators noted about you, under a code made from your email address"),
            _("For colleagues who decide on your next comment"),
            _("Until you erase it"),
        ),
        Kept(
            _("A code made from your email address, if you wrote what we have to look at with care"),
            _("To read your comments before others can"),
            _("Until our moderators take it back"),
        ),
        Kept(
            _("Words of comments that were decided, as codes"),
            _("To guess which comments are spam"),
            _("For ever: no word can be read from them"),
        ),
    ]


def _alerts() -> list[Kept]:
    return [
        Kept(
            _("Your email address in a sign-up for alerts that you have not confirmed"),
            _("To ask you to confirm it"),
            _days(settings.SUBSCRIPTION_CONFIRM_DAYS),
            "SUBSCRIPTION_CONFIRM_DAYS",
        ),
        Kept(
            _("Your email address, if you get alerts"),
            _("To send them"),
            _("%(days)s after you end them") % {"days": _days(settings.ENDED_ADDRESS_DAYS)},
            "ENDED_ADDRESS_DAYS",
        ),
        Kept(
            _("Which version of this notice you saw, and when"),
            _("To show what you agreed to"),
            _("As long as your comment or your alerts"),
        ),
    ]


def _mails() -> list[Kept]:
    return [
        Kept(
            _("Emails to you: your email address and our words"),
            _("To send them, and to know whether they arrived"),
            _("%(days)s after they were sent") % {"days": _days(settings.MAIL_RETENTION_DAYS)},
            "MAIL_RETENTION_DAYS",
        ),
        Kept(
            _("A code made from your email address, if an email to you came back"),
            _("To notice when it happens again and again"),
            _days(settings.SOFT_BOUNCE_DAYS),
            "SOFT_BOUNCE_DAYS",
        ),
        Kept(
            _("A code made from your email address, if you asked for no more email or your address does not work"),
            _("Never to email you again"),
            _("For ever: it is not your address"),
        ),
        Kept(
            _("Codes made from your email address and your network"),
            _("To limit how much email strangers can make us send"),
            _("A day"),
        ),
    ]


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
