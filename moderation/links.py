"""Links that lead to one comment, for whoever holds them."""

from blog.views import BlogRequest
from moderation.models import Comment
from postbag import tokens


def named_by(request: BlogRequest, purpose: str, token: str) -> Comment | None:
    """The comment on this blog that a token of ours for `purpose` names, with all that its pages show; else None."""
    found = tokens.read(purpose, token)
    comments = Comment.objects.filter(post__blog=request.blog).select_related("post__blog")
    return comments.prefetch_related("decisions__reason").filter(pk=found[0]).first() if found else None
