from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from blog.models import Blog


class Command(BaseCommand):
    """The first blog has to come from here: until there is one, no host is answered, and so there is no admin."""

    help = "Add a blog. Its privacy notice, authors and the rest are made in the admin, at ADDRESS/admin/"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("address", help="where readers find it, such as https://blog.example.org")
        parser.add_argument("from_email", help="where its mails come from")

    def handle(self, *args: Any, **options: Any) -> None:
        blog = Blog(**{name: options[name] for name in ("name", "address", "from_email")})
        try:
            blog.full_clean(exclude=["hosts"])
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        blog.save()
        self.stdout.write(f"{blog.url('/admin/')} is where to go on")
