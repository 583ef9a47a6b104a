import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand
from django.db import transaction

from blog.models import Blog, PrivacyNotice
from blog.publishing import publish
from moderation.models import Moderator, Reason

DEMO = settings.BASE_DIR / "postbag" / "demo"
REASONS = [  # title, what the guidelines say, what the writer of a refused comment is told
    (
        "Stay on topic",
        "Write about the subject of the post.",
        "Your comment is not about this post. A post on its subject would be a better place for it.",
    ),
    (
        "Respect others",
        "Disagree as much as you like with what people say, and leave alone who they are.",
        "Your comment attacks a person or a group. Tell us what is wrong with what they say instead.",
    ),
    (
        "Use decent language",
        "Leave out swearing, obscenity and whatever is only there to hurt.",
        "Your comment has words that many readers find offensive.",
    ),
    (
        "Keep personal information private",
        "Leave out addresses, phone numbers and other details of yourself and of others.",
        "Your comment has details by which somebody can be found. We keep such details off the page.",
    ),
    (
        "Stay within the law",
        "Do not claim what you cannot show about somebody, and do not call for crimes.",
        "Your comment may break the law, for example by what it claims about somebody.",
    ),
    (
        "Leave party politics out",
        "Policy is welcome. Campaigning for or against a party is not.",
        "Your comment is about party politics, which this blog cannot take part in.",
    ),
    (
        "Do not advertise",
        "Do not promote products, services or sites.",
        "Your comment promotes a product, a service or a site.",
    ),
    (
        "Be yourself",
        "Do not write as somebody else, or for an organisation you do not speak for.",
        "Your comment seems to speak as somebody else, or for an organisation you do not speak for.",
    ),
    (
        "Be concise",
        "Say it once, and as briefly as you can.",
        "Your comment is too long, or says again what you have said before.",
    ),
]


class Command(BaseCommand):
    """Two blogs with posts, rules and a privacy notice, and the person who decides: into an empty database only."""

    help = "Load the demo blogs, if there is no blog yet"

    def handle(self, *args: Any, **options: Any) -> None:
        if Blog.objects.exists():
            return
        with transaction.atomic():
            first, second = self._blogs()
            for folder, blog in [("first", first), ("second", second)]:
                self._fill(blog, DEMO / folder)
            self._moderator([first, second])

    def _blogs(self) -> tuple[Blog, Blog]:
        port = settings.PORT
        common = {"about": (DEMO / "about.md").read_text(), "from_email": "blogs@parks-and-rivers.example"}
        first = Blog(
            name="Digital Parks and Rivers",
            organisation="Department for Parks and Rivers",
            address=f"http://localhost:{port}",
            also_answers=f"127.0.0.1:{port}",
            **common,
        )
        second = Blog(
            name="River Watch",
            organisation="Department for Parks and Rivers",
            address=f"http://rivers.localhost:{port}",
            **common,
        )
        first.save()
        second.save()
        return first, second

    def _fill(self, blog: Blog, folder: Path) -> None:
        PrivacyNotice(blog=blog, body=(DEMO / "privacy-notice.md").read_text()).save()
        for position, (title, rule, explanation) in enumerate(REASONS):
            Reason.objects.create(blog=blog, title=title, rule=rule, explanation=explanation, position=position)
        for path in sorted(folder.glob("*.md")):
            publish(path, blog=blog, send_alert=False)

    def _moderator(self, blogs: list[Blog]) -> None:
        password = os.environ.get("POSTBAG_DEMO_PASSWORD") or _kept_password(settings.VAR / "demo-password")
        user = User.objects.create_superuser("moderator", password=password)
        for blog in blogs:
            Moderator.objects.create(user=user, blog=blog)


def _kept_password(path: Path) -> str:
    """A new password, kept where `manage.py run` can print it again at the next start."""
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(9))
    return path.read_text()
