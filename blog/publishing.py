"""A post from a Markdown file with front matter: the blogger's way without a browser."""

import datetime
import re
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import slugify

from blog import kept
from blog.models import Author, Blog, Category, Post

KNOWN = {"title", "date", "slug", "authors", "categories", "blog"}
FILE = re.compile(r"\s*^---[ \t]*\n(.*?)^---[ \t]*$(.*)", re.DOTALL | re.MULTILINE)
NOT_STORED = re.compile(r"[\0\ud800-\udfff]")  # by any database


class FrontMatterError(ValueError):
    """The file cannot become a post; the message says why."""


def publish(path: Path, blog: Blog | None = None, send_alert: bool = True) -> Post:
    """Publish the post in `path`. Raises FrontMatterError, and then nothing is stored.

    Front matter: title, and if wanted date (else now), slug (else from the title), authors and categories (else none)
    and blog, by its name or its host (else the first).
    """
    matter, body = read(path)
    blog = blog or _blog(matter.get("blog"))
    title = _line("title", matter["title"])
    post = Post(
        blog=blog,
        title=title,
        slug=_slug(matter.get("slug"), title),
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
        parts = FILE.fullmatch(path.read_text(encoding="utf-8-sig"))  # editors on Windows put a mark at the beginning
        fields = yaml.safe_load(parts[1]) if parts else None
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise FrontMatterError(f"{path}: cannot be read: {' '.join(str(error).split())}") from error
    if parts is None:
        raise FrontMatterError(f"{path}: needs front matter, between two lines of ---, and Markdown after it")
    if not isinstance(fields, dict) or fields.get("title") in (None, ""):
        raise FrontMatterError(f"{path}: the front matter needs a title")
    if unknown := set(fields) - KNOWN:
        raise FrontMatterError(f"{path}: unknown in the front matter: {', '.join(sorted(map(str, unknown)))}")
    if NOT_STORED.search(parts[2]):
        raise FrontMatterError(f"{path}: has characters that cannot be stored")
    return fields, parts[2].strip()


def _slug(given: object, title: str) -> str:
    slug = _line("slug", given or slugify(title)[:200])
    if not slug:
        raise FrontMatterError("the title has no letter from a to z for its address: add a slug to the front matter")
    return slug


def _blog(name: object) -> Blog:
    blogs = Blog.objects.order_by("pk")
    found = blogs.first()
    if name:
        found = blogs.filter(name=str(name)).first() or kept.blog_at(str(name))
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
        return _in_reach(date if timezone.is_aware(date) else timezone.make_aware(date))
    if isinstance(date, datetime.date):
        return timezone.make_aware(datetime.datetime.combine(date, datetime.time()))
    raise FrontMatterError(f"the date “{date}” is not in the format 2026-11-22 or 2026-11-22 09:30")


def _parsed(date: str) -> object:
    try:
        return parse_datetime(date) or date
    except ValueError:
        return date


def _in_reach(moment: datetime.datetime) -> datetime.datetime:
    try:
        moment.astimezone(datetime.UTC)
    except OverflowError as error:
        raise FrontMatterError(f"the date {moment} is before the first or after the last year") from error
    return moment


def _line(field: str, value: object) -> str:
    """`value` as one line of words."""
    if isinstance(value, bool | list | dict | None) or NOT_STORED.search(str(value)):
        raise FrontMatterError(f"{field}: “{ascii(value)[1:-1]}” is not a line of words")
    return " ".join(str(value).split())


def _named(model: type[Author] | type[Category], blog: Blog, names: object) -> list[Any]:
    """Those of the blog with these names; who is new is added."""
    listed = names if isinstance(names, list) else [names] if names else []
    kind = str(model._meta.verbose_name_plural)
    return [_find_or_add(model, blog, _line(kind, name)) for name in listed]


def _find_or_add(model: type[Author] | type[Category], blog: Blog, name: str) -> Any:
    known = model.objects.filter(blog=blog, name=name).first()
    slug = slugify(name)
    if known is None and (not slug or len(name) > 100):
        raise FrontMatterError(
            f"{model._meta.verbose_name} “{name}”: a name needs a letter from a to z, and at most 100"
        )
    return known or model.objects.get_or_create(blog=blog, slug=slug, defaults={"name": name})[0]


def _validate(post: Post) -> None:
    try:
        post.full_clean(exclude=["body_html", "excerpt"])
    except ValidationError as error:
        lines = [
            message if field == NON_FIELD_ERRORS else f"{field}: {message}"
            for field, messages in error.message_dict.items()
            for message in messages
        ]
        raise FrontMatterError("; ".join(lines)) from error
