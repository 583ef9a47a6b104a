from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from blog.publishing import FrontMatterError, publish


class Command(BaseCommand):
    """Publish a Markdown file with front matter; the clock tells the subscribers."""

    help = "Publish a Markdown file. Front matter: title, and if wanted date, slug, authors, categories, blog."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            post = publish(options["file"])
        except FrontMatterError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(post.full_url())
