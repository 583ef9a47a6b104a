"""What readers see of comments, in all its shapes, is valid HTML."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from blog.models import Post
from moderation.models import Moderator
from tests.blog.test_html import VALIDATOR, validate
from tests.factories import make_comment, make_comments, make_post

pytestmark = pytest.mark.django_db


@pytest.mark.skipif(not VALIDATOR.exists(), reason="html-validate is not installed: run make assets")
def test_the_pages_are_valid_html(client: Client, desk: Client, mo: User, post: Post, tmp_path: Path) -> None:
    Moderator.objects.update(name="Mo", role="Editor")
    long = make_post(post.blog, title="Long & <long>")
    roots = make_comments(long, 120)
    make_comments(long, 60, parent=roots[0])
    ann = make_comment(post, "approved", name="<b>Ann</b>", text="One\n\ntwo https://example.org/\nthree")
    last = make_comment(post, "withdrawn", parent=ann)
    for name in ["Bea", "Cy", "Dee", "Eve", "Flo"]:
        last = make_comment(post, "approved", parent=last, name=name, official="Editor" if name == "Dee" else "")
    urls = [post.get_absolute_url(), long.get_absolute_url()]
    urls += [f"{urls[1]}{query}" for query in ["?comments=2", "?order=newest", f"comments/{roots[0].pk}/?comments=2"]]
    pages = {url: client.get(url).text for url in urls}
    official = [reverse("desk-comment", args=[ann.pk]), reverse("desk-official-reply", args=[ann.pk])]
    pages |= {url: desk.get(url).text for url in official}
    pages["official reply with errors"] = desk.post(official[1], {"reply": "", "version": 1}).text
    assert all("</html>" in page for page in pages.values())
    validate(pages, tmp_path)
