"""Links that lead to one comment, for whoever holds them."""

from django.http import HttpResponseRedirect
from django.urls import reverse

from blog.views import BlogRequest
from moderation.models import Comment
from postbag import tokens


def named_by(request: BlogRequest, purpose: str, token: str) -> Comment | None:
    """The comment on this blog that a token of ours for `purpose` names, with all that its pages show; else None."""
    found = tokens.read(purpose, token)
    comments = Comment.objects.filter(post__blog=request.blog).select_related("post__blog", "notice", "appeal")
    return comments.prefetch_related("decisions__reason").filter(pk=found[0]).first() if found else None


def is_newest(purpose: str, token: str, comment: Comment) -> bool:
    """Whether a token that names `comment` is from the last of its mails: each ends the links of those before."""
    found = tokens.read(purpose, token)
    return found is not None and found[1] == comment.serial % 256


def to_sent(comment: Comment) -> HttpResponseRedirect:
    """To “check your email”."""
    return HttpResponseRedirect(reverse("comment-sent", args=[tokens.make("comment-sent", comment.pk)]))


def to_status(comment: Comment) -> HttpResponseRedirect:
    """To where the comment stands: only for who has proved its address."""
    return HttpResponseRedirect(reverse("comment-status", args=[tokens.make("comment-status", comment.pk)]))
