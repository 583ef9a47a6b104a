"""What the clock does for alerts."""

from celery import shared_task

from sharing.models import Alert, Subscription


@shared_task
def raise_alerts() -> None:
    """Tell subscribers of posts that became public, and call off what is under way about those that are no longer."""
    Alert.objects.call_off()
    Alert.objects.raise_due()


@shared_task
def end_suppressed() -> None:
    """End the subscriptions of mailboxes that get no more mail."""
    Subscription.objects.end_suppressed()


@shared_task
def forget() -> None:
    """Erase sign-ups that nobody confirmed, and addresses that ended long enough ago."""
    Subscription.objects.forget_stale()
    Subscription.objects.forget_addresses()
