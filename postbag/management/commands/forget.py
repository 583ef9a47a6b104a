from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from postbag.forget import KINDS


class Command(BaseCommand):
    """Forget what was kept long enough, as the clock does; or only say how much that is. It names no address."""

    help = "Forget what was kept long enough, or with --dry-run count it"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="change nothing")

    def handle(self, *args: Any, dry_run: bool = False, **options: Any) -> None:
        for kind in KINDS:
            count = kind.due().count()
            if not dry_run:
                kind.forget()
            self.stdout.write(f"{count:>8}  {kind.name}")
        self.stdout.write("Nothing was changed." if dry_run else "Forgotten.")
