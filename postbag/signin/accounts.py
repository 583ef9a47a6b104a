"""Accounts that nobody uses, and tries to sign in: how long they stay."""

import datetime

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

TRIES_KEPT = datetime.timedelta(days=1)


def close_unused() -> int:
    """Close the accounts that nobody has used for POSTBAG_UNUSED_ACCOUNT_DAYS (0: none); how many it were.

    Superusers stay: somebody must be able to open the others again.
    """
    if not settings.UNUSED_ACCOUNT_DAYS:
        return 0
    limit = timezone.now() - datetime.timedelta(days=settings.UNUSED_ACCOUNT_DAYS)
    unused = Q(last_login__lt=limit) | Q(last_login=None, date_joined__lt=limit)
    return User.objects.filter(unused, is_active=True, is_superuser=False).update(is_active=False)


def count_from_now(user: User) -> None:
    """Let `close_unused` take this account for one that is used today. It is for the caller to save."""
    user.last_login = timezone.now()


def forget_tries() -> int:
    """Delete wrong passwords and codes that count no more; how many it were."""
    return AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - TRIES_KEPT).delete()[0]
