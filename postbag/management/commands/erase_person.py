from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from mail.addresses import clean_address, mailbox
from mail.models import Delivery
from moderation.models import Comment
from sharing.models import Subscription


class Command(BaseCommand):
    """Erase a person: every comment, subscription and mail of an address, in all its spellings, on all blogs."""

    help = "Erase everything of an email address, on all blogs"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            person = mailbox(clean_address(options["address"]))
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        with transaction.atomic():
            comments = Comment.objects.erase(person)
            subscriptions = Subscription.objects.erase(person)
            mails = Delivery.objects.erase(person)
        self.stdout.write(f"Erased: {comments} comments, {subscriptions} subscriptions, {mails} mails")
