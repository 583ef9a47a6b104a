"""Our side of `bench.comments_page`: what a reader gets when no cache has it."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postbag.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.template import engines  # noqa: E402

from bench.comments_page import PAGE, REPLIES, THREADS, WORDS, milliseconds  # noqa: E402
from blog import kept  # noqa: E402
from blog.models import Blog, Post  # noqa: E402
from blog.views import public_post, render_post  # noqa: E402
from moderation.text import as_html  # noqa: E402
from tests.factories import make_author, make_blog, make_category, make_comments, make_notice, make_post  # noqa: E402

TAGS = engines["django"].from_string("{% load comments %}" + PAGE % "{% comment_thread post %}{% comment_form post %}")


def fill() -> None:
    """A blog with what a sidebar shows, and a post with comments between two others."""
    blog = make_blog(about="We write about what we do.")
    make_notice(blog)
    by, about = [make_author(blog)], [make_category(blog)]
    posts = [make_post(blog, by, about, title=title) for title in ["Before", "A post", "After"]]
    said = {"text": WORDS, "html": as_html(WORDS)}
    for root in make_comments(posts[1], THREADS, **said):
        make_comments(root.post, REPLIES, parent=root, **said)


def ours(name: str) -> float:
    """Milliseconds of CPU, from the look-up of the post on."""
    call_command("migrate", verbosity=0)
    if not Blog.objects.exists():
        fill()
    address = Post.objects.get(title="A post").url_parts()

    def render() -> str:
        blog = kept.blog_at("testserver")  # as each request does
        assert blog
        post = public_post(blog, **address)
        return render_post(post) if name == "whole" else TAGS.render({"post": post})

    return milliseconds(render, in_each=2)  # for people, and for machines


if __name__ == "__main__":
    print(json.dumps(ours(sys.argv[1])))
