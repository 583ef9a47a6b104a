"""What bench.comments runs of ours: comments through the form of a post's page, on PostgreSQL and Valkey.

The rules, the budgets, the row of the owed mail and the hint to the worker are part of it.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from bench.comments_peers import WARM_UP, environ, measure, text

NO_LIMIT = str(10**9)
SETTINGS = dict.fromkeys(["POSTBAG_MAIL_PER_HOUR", "POSTBAG_BLOG_HEAT"], NO_LIMIT)
SETTINGS |= {f"POSTBAG_MAIL_PER_NETWORK_{window}": NO_LIMIT for window in ["HOUR", "DAY"]}
os.environ |= SETTINGS
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postbag.settings")

from django.core.management import call_command  # noqa: E402

from postbag.wsgi import application  # noqa: E402

# The models can only be imported once the application is there.
from blog.models import Blog, Post, PrivacyNotice  # noqa: E402  isort:skip
from mail.models import Delivery  # noqa: E402  isort:skip
from moderation.models import Comment  # noqa: E402  isort:skip
from postbag import tokens  # noqa: E402  isort:skip


def ours(number: int) -> dict[str, Any]:
    """Each comment is by somebody else, as it is for the others."""
    call_command("migrate", verbosity=0)
    blog = Blog(name="A blog", address="http://localhost", from_email="blog@example.org")
    blog.save()
    notice = PrivacyNotice(blog=blog, body="We keep your address for 30 days.")
    notice.save()
    post = Post.objects.create(blog=blog, title="A post", body="Some words.", state=Post.State.PUBLISHED)
    found = measure(application, requests(number, post, notice), "302")
    assert Delivery.objects.count() == Comment.objects.count()
    return found | {"rows": Comment.objects.count()}


def requests(number: int, post: Post, notice: PrivacyNotice) -> Iterator[dict[str, Any]]:
    hidden = {"notice": notice.pk, "parent": "", "work": "", "accepted": "", "homepage": ""}
    hidden["stamp"] = tokens.make(f"form of post {post.pk}", int(time.time()) - 60)
    for place in range(number + WARM_UP):
        written = {"name": f"Ann {place}", "email": f"ann{place}@example.org", "comment": text(place)}
        form = urlencode({**hidden, **written}).encode()
        yield environ(f"/comments/new/{post.pk}/", form, "application/x-www-form-urlencoded")


if __name__ == "__main__":
    print(json.dumps(ours(int(sys.argv[1]))))
