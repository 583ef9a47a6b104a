"""/desk/mail-to-me/: how often a person is mailed about each blog; and the page behind “end these emails”."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from blog.views import BlogRequest
from moderation import digests
from moderation.models import Moderator
from moderation.roles import SEE, Every, duties_with
from postbag import tokens
from postbag.origin import any_origin
from postbag.private import behind_link, dead_link, private


class HowOftenForm(forms.ModelForm):
    """How often, and whether with the comments' words, for one blog."""

    class Meta:
        model = Moderator
        fields = ["mail_every", "mail_words"]
        labels = {"mail_every": _("How often"), "mail_words": _("Show the comments in the emails")}
        help_texts = {"mail_words": ""}
        error_messages = {"mail_every": {"required": _("Select how often"), "invalid_choice": _("Select how often")}}


@private
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: BlogRequest) -> HttpResponse:
    """One choice for each blog that this person may see; all are saved together."""
    person: Any = request.user  # signed in, as login_required sees to
    mine = Moderator.objects.filter(user=person, duty__in=duties_with(SEE)).select_related("blog")
    data = request.POST if request.method == "POST" else None
    rows = [(row.blog, HowOftenForm(data, instance=row, prefix=str(row.pk))) for row in mine.order_by("blog__name")]
    if data is not None and not [form for _blog, form in rows if not form.is_valid()]:  # each tells its own errors
        for _blog, form in rows:
            form.instance.save(update_fields=form.changed_data)
        return redirect(f"{request.path}?saved=1")
    failed = data is not None
    context: dict[str, Any] = {"desk": True, "blog": request.blog, "tab": "mail-to-me", "rows": rows}
    context |= {"saved": "saved" in request.GET, "failed": failed, "has_address": bool(person.email)}
    return render(request, "moderation/desk/mail_to_me.html", context, status=422 if failed else 200)


@private
@login_required
@require_safe
def opened(request: BlogRequest, token: str) -> HttpResponse:
    """The comment of a link in the mail, for who is signed in; the comment's own page says whether they may see it."""
    found = tokens.read(digests.OPEN, token)
    return redirect("desk-comment", pk=found[0]) if found else dead_link(request)


@csrf_exempt  # whoever follows it need not be signed in
@any_origin  # RFC 8058: mail providers post here; the token can do this one thing only
@behind_link
@require_http_methods(["GET", "HEAD", "POST"])
def end_moderator_mail(request: BlogRequest, token: str) -> HttpResponse:
    """A button, and on POST, one-click or pressed, the mails about this blog end."""
    found = tokens.read(digests.END, token)
    moderator = Moderator.objects.filter(blog=request.blog, pk=found[0]).first() if found else None
    if moderator is None:
        return dead_link(request)
    if request.method == "POST":
        digests.end(moderator)
        moderator.refresh_from_db()
    context = {"blog": request.blog, "wanted": moderator.mail_every != Every.NEVER}
    return render(request, "moderation/moderator_mail_end.html", context)
