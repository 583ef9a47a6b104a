"""What the clock does for the staff's accounts."""

from celery import shared_task

from postbag.signin.accounts import close_unused, forget_tries


@shared_task
def close_unused_accounts() -> None:
    """Close accounts that nobody uses, and forget who tried to sign in."""
    close_unused()
    forget_tries()
