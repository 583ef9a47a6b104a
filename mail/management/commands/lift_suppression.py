from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mail.addresses import clean_address, mailbox
from mail.models import Suppression


class Command(BaseCommand):
    """For somebody who asks us to write again, or whose mailbox works again. It starts no mail by itself."""

    help = "Allow mail to an address that asked for none, or whose mail came back"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lifted = Suppression.objects.lift(mailbox(clean_address(options["address"])))
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        self.stdout.write("Mail goes to this mailbox again" if lifted else "This mailbox was not suppressed")
