"""What the admin lets people do to a blog."""

import pytest
from django.test import Client
from django.utils import timezone

from blog.models import Author, Blog, Category, Post, PrivacyNotice
from moderation.models import Moderator
from tests.factories import make_author, make_blog, make_category, make_moderator, make_post


def write_post(admin: Client, blog: Blog, **changed: object) -> object:
    now = timezone.localtime()
    fields = {"title": "Otters", "slug": "otters", "body": "Wet.", "state": "published", "comments_open": "on"}
    day = {"published_at_0": f"{now:%Y-%m-%d}", "published_at_1": "00:00"}
    return admin.post("/admin/blog/post/add/", {"blog": blog.pk, **fields, **day, **changed})


@pytest.mark.parametrize("name", ["blog", "author", "category", "post", "privacynotice"])
def test_each_list_opens(blog: Blog, admin_client: Client, name: str) -> None:
    make_post(blog, [make_author(blog)], [make_category(blog)])
    assert admin_client.get(f"/admin/blog/{name}/").status_code == 200
    assert admin_client.get(f"/admin/blog/{name}/add/").status_code == 200


def test_a_post_is_published_with_its_byline(blog: Blog, admin_client: Client, client: Client) -> None:
    client.get("/")
    write_post(admin_client, blog, authors=[make_author(blog).pk])
    page = client.get("/").text
    assert "Otters" in page and "Priya Nair" in page


def test_a_post_takes_no_author_of_another_blog(blog: Blog, admin_client: Client) -> None:
    stranger = make_author(make_blog(address="http://rivers.example.org"))
    assert "Choose from those of the post’s own blog" in write_post(admin_client, blog, authors=[stranger.pk]).text
    assert not Post.objects.exists()


def test_readers_see_a_category_go(blog: Blog, admin_client: Client, client: Client) -> None:
    wildlife = make_category(blog, "Wildlife")
    assert "Wildlife" in client.get("/").text
    admin_client.post(f"/admin/blog/category/{wildlife.pk}/delete/", {"post": "yes"})
    assert not Category.objects.exists() and "Wildlife" not in client.get("/").text


def test_a_notice_is_added_and_never_changed(blog: Blog, admin_client: Client) -> None:
    admin_client.post("/admin/blog/privacynotice/add/", {"blog": blog.pk, "body": "New words."})
    notice = PrivacyNotice.objects.current(blog)
    assert (notice.version, notice.body) == (2, "New words.")
    address = f"/admin/blog/privacynotice/{notice.pk}"
    assert admin_client.post(f"{address}/change/", {"blog": blog.pk, "body": "Other words."}).status_code == 403
    assert admin_client.post(f"{address}/delete/", {"post": "yes"}).status_code == 403


def save_blog(admin: Client, blog: Blog, **changed: object) -> Blog:
    """Save the form of a blog as it stands, with these changes."""
    url = f"/admin/blog/blog/{blog.pk}/change/"
    form = admin.get(url).context["adminform"].form
    typed = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in {**typed, **changed}.items() if value is not None and value is not False}
    answer = admin.post(url, sent)
    assert answer.status_code == 302, answer.context["errors"]
    return Blog.objects.get(pk=blog.pk)


def test_when_comments_are_published_and_whether_at_all_is_one_choice(blog: Blog, admin_client: Client) -> None:
    page = admin_client.get(f"/admin/blog/blog/{blog.pk}/change/").text
    assert [f'value="{mode}"' in page for mode in ["before", "after", "closed"]] == [True] * 3
    assert "comments_open" not in page
    saved = save_blog(admin_client, blog, mode="after", regular_after=7)
    assert (saved.comments_open, saved.mode, saved.regular_after) == (True, "after", 7)


def test_closed_comments_open_again_in_the_mode_that_is_chosen(blog: Blog, admin_client: Client) -> None:
    save_blog(admin_client, blog, mode="after")
    closed = save_blog(admin_client, blog, mode="closed")
    assert (closed.comments_open, closed.mode) == (False, "after") and closed.comments_closed_at
    assert save_blog(admin_client, blog, name="Another name").comments_open is False
    opened = save_blog(admin_client, blog, mode="before")
    assert (opened.comments_open, opened.mode) == (True, "before")


@pytest.mark.parametrize("field, value", [("regular_after", 0), ("regular_refusals", 101), ("regular_days", 0)])
def test_nobody_is_a_regular_for_nothing(blog: Blog, admin_client: Client, field: str, value: int) -> None:
    with pytest.raises(AssertionError, match="Ensure this value is"):
        save_blog(admin_client, blog, **{field: value})


def test_a_post_may_want_every_comment_read_first(blog: Blog, admin_client: Client) -> None:
    write_post(admin_client, blog, read_first="on")
    assert Post.objects.get().read_first


def test_an_author_stays_as_long_as_somebody_at_the_desk_is_that_author(admin_client: Client, blog: Blog) -> None:
    """Else the rule about their own posts would hold for them no longer."""
    author = make_author(blog)
    make_moderator(blog, "paula")
    Moderator.objects.update(duty="author", author=author)
    page = admin_client.post(f"/admin/blog/author/{author.pk}/delete/", {"post": "yes"})
    assert page.status_code == 200 and Author.objects.get() == author
    blog.delete()
    assert not Author.objects.exists()
