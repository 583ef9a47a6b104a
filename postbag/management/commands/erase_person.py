from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mail.addresses import clean_address
from postbag.mine.person import Person


class Command(BaseCommand):
    """Erase a person: every comment, subscription and mail of an address, in all its spellings, on all blogs."""

    help = "Erase everything of an email address, on all blogs"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            person = Person.with_mailbox_of(clean_address(options["address"]))
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        erased = person.erase()
        self.stdout.write(
            f"Erased: {erased.comments} comments, {erased.subscriptions} subscriptions, {erased.mails} mails"
        )
