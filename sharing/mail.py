"""What we say to subscribers."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from blog.models import Blog, Post
from mail.compose import Letter, Marks, owe, owe_all
from mail.models import Lane, Mailout

if TYPE_CHECKING:
    from sharing.models import Subscription

ALERT = "alert"


def owe_standing(subscription: "Subscription") -> None:
    """Owe the mail that fits: confirm the sign-up, or “you get these alerts already”."""
    blog = subscription.blog
    template = "confirmation" if subscription.state == subscription.State.UNCONFIRMED else "standing"
    marks = Marks()
    context = _context(blog) | {
        "days": settings.SUBSCRIPTION_CONFIRM_DAYS,
        "confirm_url": blog.url(reverse("subscribe-confirm", args=[marks["subscribe-confirm"]])),
        "unsubscribe_url": blog.url(reverse("unsubscribe", args=[marks["unsubscribe"]])),
        "stop_url": blog.url(reverse("mail-stop", args=[marks["stop"]])),
    }
    letter = Letter(f"subscribe-{template}", f"sharing/mail/{template}", blog.sender, context, marks, blog.pk)
    owe(letter, to=subscription.address, about=subscription.pk)


def owe_alert(post: Post, audience: QuerySet[Any]) -> Mailout:
    """Owe one mail about `post` to each confirmed subscription in `audience`."""
    blog, marks = post.blog, Marks()
    unsubscribe = blog.url(reverse("unsubscribe", args=[marks["unsubscribe"]]))
    context = _context(blog) | {"post": post, "unsubscribe_url": unsubscribe}
    letter = Letter(
        kind=ALERT,
        template="sharing/mail/alert",
        sender=blog.sender,
        context=context,
        marks=marks,
        owner=blog.pk,
        unsubscribe=unsubscribe,
        list_id=f"<alerts.{blog.host.partition(':')[0]}>",
    )
    return owe_all(letter, Lane.ALERT, audience)


def _context(blog: Blog) -> dict[str, Any]:
    return {"blog": blog, "blog_name": blog.name, "blog_address": blog.address}
