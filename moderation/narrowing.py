"""What a list of the desk is narrowed by: all of it stands in the address, to be kept and shared."""

import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models import Blog, Post
from moderation.models import CommentQuerySet
from moderation.promise import Band
from moderation.rules import TELLS, TITLES
from moderation.search import by_index, search
from moderation.states import DECIDED

OUTCOMES = [(state.value, state.label) for state in DECIDED]
MANY = 1000  # nobody needs to know how many more wait; so many are looked at one by one
KIND = "EXISTS (SELECT 1 FROM json_each(moderation_comment.held) WHERE json_extract(value, '$.kind') = %s)"


class FilterForm(forms.Form):
    """Words, blog, post, why it is held; where the clock runs, the promise; where all is decided, what it became."""

    number: int | None = None  # of what is on the list before it is narrowed, once that is known; at most one over MANY

    q = forms.CharField(required=False, max_length=200, label=_("Words in the comment or name"))
    blog = forms.ModelChoiceField(Blog.objects.none(), required=False, label=_("Blog"), empty_label=_("All"))
    post = forms.ModelChoiceField(Post.objects.none(), required=False, label=_("Post"), empty_label=_("All"))
    kind = forms.ChoiceField(required=False, label=_("Held because of"), choices=[("", _("Anything")), *TITLES.items()])
    band = forms.ChoiceField(required=False, label=_("The promise"), choices=[("", _("Any")), *Band.choices])
    state = forms.ChoiceField(required=False, label=_("Decided as"), choices=[("", _("Any")), *OUTCOMES])

    def __init__(self, *args: Any, blogs: QuerySet[Blog], promised: bool, decided: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["blog"].queryset = blogs.order_by("name")  # type: ignore[attr-defined]
        self.fields["post"].queryset = Post.objects.filter(blog__in=blogs)  # type: ignore[attr-defined]
        self.fields["post"].widget = forms.HiddenInput()
        if not promised:
            del self.fields["band"]
        if not decided:
            del self.fields["state"]

    def narrow(self, comments: CommentQuerySet, *, wait: bool) -> CommentQuerySet:
        """Those that are asked for; what cannot be understood narrows nothing. `wait`: all of them are pending."""
        self.full_clean()
        asked = self.cleaned_data
        if asked.get("blog"):
            comments = comments.filter(post__blog=asked["blog"])
        if asked.get("post"):
            comments = comments.filter(post=asked["post"])
        comments, number = numbered(comments)
        are_few = number <= MANY
        self.number = None if asked.get("blog") or asked.get("post") else number
        if asked.get("kind"):
            comments = held_because(comments, asked["kind"])
        if asked.get("state"):
            comments = comments.filter(state=asked["state"])
        if asked.get("band"):
            comments = comments.filter(in_band(Band(asked["band"])))
        return search(comments, asked["q"], are_few=are_few, wait=wait) if asked.get("q") else comments

    def kept(self) -> str:
        """What the address has of it, for the other lists; also what the list at hand leaves out."""
        asked = {name: self.data[name] for name in self.base_fields if self.data.get(name)}
        return f"?{urlencode(asked)}" if asked else ""

    def is_used(self) -> bool:
        """Whether the list is narrowed."""
        return any(self.cleaned_data.values())


def numbered(comments: CommentQuerySet) -> tuple[CommentQuerySet, int]:
    """The same comments, by their numbers where they are no more than MANY, and how many: one over MANY for more.

    PostgreSQL takes comments to be spread evenly over blogs: for a blog on which nothing waits it would look through
    all that waits elsewhere, in the hope to find enough soon.
    """
    with by_index():
        found = list(comments.order_by().values_list("pk", flat=True)[: MANY + 1])
    return (comments if len(found) > MANY else comments.filter(pk__in=found)), len(found)


def held_because(comments: CommentQuerySet, kind: str) -> CommentQuerySet:
    """Those in which a rule of this kind found something."""
    comments = comments if kind in TELLS else comments.filter(is_held=True)
    if connection.vendor == "postgresql":
        return comments.filter(held__contains=[{"kind": kind}])
    return comments.annotate(is_of_kind=RawSQL(KIND, [kind])).filter(is_of_kind=True)  # noqa: S611


def in_band(band: Band) -> Q:
    """Which comments stand so against the promise."""
    now = timezone.localtime()
    tonight = datetime.datetime.combine(now.date(), datetime.time.max, now.tzinfo)
    return {
        Band.LATE: Q(due_at__lt=now),
        Band.DUE_TODAY: Q(due_at__gte=now, due_at__lte=tonight),
        Band.ON_TIME: Q(due_at__gt=tonight) | Q(due_at=None),
    }[band]
