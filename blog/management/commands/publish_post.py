from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from blog.publishing import FrontMatterError, publish


class Command(BaseCommand):
    """Publish a Markdown file with front matter; the clock tells the subscribers."""

    help = "Publish a Markdown file. Front matter: title, and if wanted date, slug, authors, categories, blog."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--no-alert", action="store_true", help="tell no subscriber: for old posts that move here")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            post = publish(options["file"], send_alert=not options["no_alert"])
        except FrontMatterError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(post.full_url())
