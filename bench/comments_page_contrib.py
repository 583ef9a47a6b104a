"""The other side of `bench.comments_page`, in the peers' own environment: the tags of their documentation."""

import importlib
import json
import os
import sys
from typing import Any

from bench.comments_page import PAGE, REPLIES, THREADS, WORDS, milliseconds
from bench.comments_peers import django_settings

TAGS = "{% load comments %}" + PAGE % "{% render_comment_list for post %}{% render_comment_form for post %}"
# Their comments/list.html, but for the filters.
LIST = """<dl id="comments">
  {% for comment in comment_list %}
    <dt id="c{{ comment.id }}">
      {{ comment.submit_date }} - {{ comment.name }}
    </dt>
    <dd>
      {{ comment.comment|urlize|linebreaks }}
    </dd>
  {% endfor %}
</dl>"""


def fill(post: Any, comments: Any, kinds: Any) -> None:
    """As many comments; a site stands for the post, since anything can be commented on."""
    about = {"content_type": kinds.ContentType.objects.get_for_model(post), "object_pk": str(post.pk), "site": post}
    for number in range(THREADS * (REPLIES + 1)):
        written = {"user_name": f"Ann {number}", "user_email": "ann@example.org", "comment": WORDS}
        comments.Comment.objects.create(**about, **written)


def contrib(name: str) -> float:
    """Milliseconds of CPU."""
    django_settings(os.environ["DATABASE_URL"])
    conf = importlib.import_module("django.conf")
    mine = {"page.html": TAGS, **({} if name == "shipped" else {"comments/list.html": LIST})}
    loaders = [("django.template.loaders.locmem.Loader", mine), "django.template.loaders.app_directories.Loader"]
    cached = {"loaders": [("django.template.loaders.cached.Loader", loaders)]}
    conf.settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": cached}]
    call, comments, kinds, sites, loader = (
        importlib.import_module(module)
        for module in [
            "django.core.management",
            "django_comments.models",
            "django.contrib.contenttypes.models",
            "django.contrib.sites.models",
            "django.template.loader",
        ]
    )
    call.call_command("migrate", verbosity=0)
    if not comments.Comment.objects.exists():
        fill(sites.Site.objects.get(), comments, kinds)
    return milliseconds(lambda: loader.render_to_string("page.html", {"post": sites.Site.objects.get()}))


if __name__ == "__main__":
    print(json.dumps(contrib(sys.argv[1])))
