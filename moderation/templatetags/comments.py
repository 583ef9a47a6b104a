"""A post's comments, for the page that they stand on."""

from typing import Any

from django import template

from blog.comment_pages import FIRST
from blog.models import Post
from moderation import threads
from moderation.forms import CommentForm
from moderation.jsonld import posting
from moderation.listing import Listing, links

register = template.Library()


@register.inclusion_tag("moderation/_thread.html", takes_context=True)
def comment_thread(context: dict[str, Any], post: Post) -> dict[str, Any]:
    """A page of the published comments of a post: the one that `comment_page` asks for, else the first."""
    asked = context.get("comment_page") or FIRST
    page = threads.on_post(post, asked)
    return {
        "post": post,
        "page": page,
        "list": Listing(post, page).html(),
        "data": posting(post, page),
        "newest_first": asked.newest_first,
        "address": post.get_absolute_url(),
        **links(page, lambda number: asked.at(number).url(post)),
    }


@register.inclusion_tag("moderation/_form.html")
def comment_form(post: Post, form: CommentForm | None = None) -> dict[str, Any]:
    """“Leave a comment”, with what was typed and its errors when there were some."""
    return {
        "post": post,
        "blog": post.blog,
        "form": form or (CommentForm(post=post) if post.takes_comments() else None),
    }
