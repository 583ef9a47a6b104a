from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mail.models import Mailout


class Command(BaseCommand):
    """The conservation check: every candidate of every mailout is accounted for, and done means no open row."""

    help = "Exit with 1, naming them, when there are mailouts that do not add up"

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = Mailout.objects.unbalanced()
        for mailout in wrong:
            self.stderr.write(
                f"mailout {mailout.pk} ({mailout.kind}, {mailout.state}): {mailout.candidates} candidates, "
                f"{mailout.prepared} prepared, {mailout.suppressed} suppressed, {mailout.repeated} repeated, "
                f"deliveries {mailout.count_states()}"
            )
        if wrong:
            raise CommandError(f"{len(wrong)} of {Mailout.objects.count()} mailouts do not add up")
        self.stdout.write(f"All {Mailout.objects.count()} mailouts add up")
