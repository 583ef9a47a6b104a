"""A post from a Markdown file with front matter: the blogger's way without a browser."""

import datetime
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import slugify

from blog.models import Author, Blog, Category, Post

KNOWN = {"title", "date", "slug", "authors", "categories", "blog"}


class FrontMatterError(ValueError):
    """The file cannot become a post; the message says why."""


def publish(path: Path, blog: Blog | None = None, send_alert: bool = True) -> Post:
    """Publish the post in `path`. Raises FrontMatterError, and then nothing is stored.

    Front matter: title, and if wanted date (else now), slug (else from the title), authors and categories (else none)
    and blog, by its name or its host (else the first).
    """
    matter, body = read(path)
    blog = blog or _blog(matter.get("blog"))
    post = Post(
        blog=blog,
        title=str(matter["title"]),
        slug=str(matter.get("slug") or slugify(str(matter["title"])))[:200],
        body=body,
        state=Post.State.PUBLISHED,
        published_at=_moment(matter.get("date")),
        send_alert=send_alert,
    )
    with transaction.atomic():
        _validate(post)
        post.save()
        post.authors.set(_named(Author, blog, matter.get("authors")))
        post.categories.set(_named(Category, blog, matter.get("categories")))
    return post


def read(path: Path) -> tuple[dict[str, Any], str]:
    """The front matter and the Markdown of a file. Raises FrontMatterError."""
    try:
        opening, matter, body = path.read_text(encoding="utf-8").split("---\n", 2)
        fields = yaml.safe_load(matter)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise FrontMatterError(
            f"{path}: cannot be read as Markdown with front matter between two lines of ---"
        ) from error
    if opening.strip() or not isinstance(fields, dict) or not fields.get("title"):
        raise FrontMatterError(f"{path}: the front matter needs a title")
    if unknown := set(fields) - KNOWN:
        raise FrontMatterError(f"{path}: unknown in the front matter: {', '.join(sorted(map(str, unknown)))}")
    return fields, body.strip()


def _blog(name: object) -> Blog:
    blogs = Blog.objects.order_by("pk")
    found = blogs.first()
    if name:
        found = blogs.filter(name=str(name)).first() or Blog.objects.for_host(str(name))
    if found is None:
        raise FrontMatterError(f"there is no blog {name}" if name else "there is no blog yet")
    return found


def _moment(date: object) -> datetime.datetime:
    """A day begins at midnight, so that a post dated today is public at once. A time without a zone is the site's."""
    if date is None:
        return timezone.now()
    if isinstance(date, str):  # YAML takes a time without seconds for words
        date = _parsed(date)
    if isinstance(date, datetime.datetime):
        return date if timezone.is_aware(date) else timezone.make_aware(date)
    if isinstance(date, datetime.date):
        return timezone.make_aware(datetime.datetime.combine(date, datetime.time()))
    raise FrontMatterError(f"the date “{date}” is not in the format 2026-11-22 or 2026-11-22 09:30")


def _parsed(date: str) -> object:
    try:
        return parse_datetime(date) or date
    except ValueError:
        return date


def _named(model: type[Author] | type[Category], blog: Blog, names: object) -> list[Any]:
    listed = names if isinstance(names, list) else [names] if names else []
    return [
        model.objects.get_or_create(blog=blog, slug=slugify(str(name)), defaults={"name": str(name)})[0]
        for name in listed
    ]


def _validate(post: Post) -> None:
    try:
        post.full_clean(exclude=["body_html", "excerpt"])
    except ValidationError as error:
        raise FrontMatterError("; ".join(error.messages)) from error
