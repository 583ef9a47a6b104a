"""Official replies: what staff of a blog say there in their own name and role, published at once."""

import hashlib
import hmac
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from blog.models import PrivacyNotice
from blog.views import BlogRequest
from moderation import graphemes
from moderation.forms import RawField
from moderation.hindrances import hindrance
from moderation.models import Comment, Decision, Moderator, NotPossible, Overtaken
from moderation.roles import DECIDE, duties_with
from moderation.signed_out import sign_in_first
from moderation.text import as_html, clean_text, shows
from postbag.private import private

WHY_NOT = {  # of one that the reply would approve
    "unclaimed": gettext_lazy("Claim this comment before you answer it"),
    "for_leads": gettext_lazy("This comment is with the leads, who decide it"),
}
ANSWERABLE = [Comment.State.PENDING, Comment.State.APPROVED]


class OfficialForm(forms.Form):
    """A reply to `comment`, written on the version of it that the moderator saw."""

    reply = RawField(
        label=gettext_lazy("Official reply"),
        help_text=gettext_lazy("It is published at once, with your name and role"),
        error_messages={"required": gettext_lazy("Enter your reply")},
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, comment: Comment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = comment.version
        self.limit = comment.post.blog.comment_limit

    def clean_reply(self) -> str:
        text = clean_text(self.cleaned_data["reply"])
        if not shows(text):
            raise ValidationError(_("Enter your reply"))
        if graphemes.exceeds(text, self.limit):
            raise ValidationError(_("Reply must be %(limit)s characters or less"), params={"limit": self.limit})
        return text


@private
def official_reply(request: BlogRequest, pk: int) -> HttpResponse:
    """Write one. 409, with the words kept, when the comment has changed since they were written."""
    if not request.user.is_authenticated:
        return sign_in_first(request, pk, back="desk-official-reply")
    return _write(request, pk)


@permission_required(DECIDE, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def _write(request: BlogRequest, pk: int) -> HttpResponse:
    seen = Comment.objects.of_blogs(Moderator.objects.blogs_of(request.user, DECIDE))
    comment = get_object_or_404(seen.select_related("post__blog", "root"), pk=pk)
    speaker = speaker_for(request.user, comment)
    if speaker is None:
        raise Http404
    form = OfficialForm(request.POST if request.method == "POST" else None, comment=comment)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    if form.is_bound and comment.state == Comment.State.PENDING and (why := hindrance(comment, request.user)):
        status = why["status"]
        form.add_error(None, WHY_NOT["unclaimed" if "unclaimed" in why else "for_leads"])
    elif form.is_valid():
        try:
            said = publish(comment, speaker, form.cleaned_data["reply"], form.cleaned_data["version"])
            return redirect("desk-comment", pk=said.pk)
        except (Overtaken, NotPossible):
            status = HTTPStatus.CONFLICT
            form.add_error(None, _("This comment has changed since you opened it. Your reply was not published"))
    context = {"desk": True, "blog": request.blog, "errors_shown": bool(form.errors)}
    return render(
        request, "moderation/desk/official.html", {**context, **offered(comment, speaker, form)}, status=status
    )


def speaker_for(user: Any, comment: Comment) -> Moderator | None:
    """The row that lets this person decide on the comment's blog, and gives them a name there."""
    rows = Moderator.objects.select_related("blog", "user")
    return rows.filter(user=user, blog=comment.post.blog_id, duty__in=duties_with(DECIDE)).first()


def offered(comment: Comment, speaker: Moderator | None, form: OfficialForm | None = None) -> dict[str, Any]:
    """What the form needs."""
    return {
        "comment": comment,
        "speaker": speaker and name_of(speaker),
        "role": speaker and role_of(speaker),
        "form": form or OfficialForm(comment=comment),
        "can_answer": bool(speaker) and comment.state in ANSWERABLE,
    }


def publish(comment: Comment, speaker: Moderator, text: str, version: int) -> Comment:
    """Publish a reply to `comment` as it was at `version`; one that awaits a decision is approved with it.

    The same words, sent again, are one reply: one that was taken off the page is published again. Raises Overtaken when
    the comment has changed, and NotPossible for a comment that cannot be answered, or a moderator without a name.
    """
    digest = _digest(comment, speaker, text)
    with transaction.atomic():
        locked = Comment.objects.select_for_update().filter(pk=comment.pk).first()
        said = Comment.objects.select_related("post__blog").filter(digest=digest).first()
        if said and said.state == Comment.State.APPROVED:
            return said
        if locked is None or locked.version != version or locked.state not in ANSWERABLE:
            raise Overtaken(comment)
        if not name_of(speaker):
            raise NotPossible(comment)
        if comment.state == Comment.State.PENDING:
            comment.decide(Decision.Outcome.APPROVED, by=speaker.user, version=version)
        said = said or Comment.objects.create(digest=digest, **_written(comment, speaker, text))
        said.decide(Decision.Outcome.APPROVED, by=speaker.user, version=said.version)
    return said


def name_of(speaker: Moderator) -> str:
    """As readers see it: never the name of an account."""
    return speaker.name or speaker.user.get_full_name()[:100]


def role_of(speaker: Moderator) -> str:
    """Role and organisation, as readers see them beside the name. Never empty: that would be a reader's comment."""
    parts = [speaker.role, speaker.blog.organisation or speaker.blog.name]
    return ", ".join(part for part in parts if part)[:200]


def _written(comment: Comment, speaker: Moderator, text: str) -> dict[str, Any]:
    return {
        "post": comment.post,
        "parent": comment,
        "root": comment.root or comment,
        "parent_edition": comment.edition,
        "name": name_of(speaker),
        "official": role_of(speaker),
        "text": text,
        "html": as_html(text),
        "notice": PrivacyNotice.objects.current(comment.post.blog),
        "state": Comment.State.PENDING,
        "confirmed_at": timezone.now(),
    }


def _digest(comment: Comment, speaker: Moderator, text: str) -> str:
    words = "\0".join(["official", str(comment.pk), str(speaker.pk), text])
    return hmac.new(settings.MAILBOX_KEY.encode(), words.encode(), hashlib.sha256).hexdigest()[:32]
