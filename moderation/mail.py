"""What we say to the writers of comments."""

from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language

from blog.models import Blog
from mail.compose import Letter, Marks, owe, owe_with
from mail.models import Delivery, Mailout
from postbag.statements import New

if TYPE_CHECKING:
    from moderation.models import Comment, Decision

DECISION = "comment-decision"
CONFIRMATION = "comment-confirmation"
CODE = "comment-code"
EDIT = "comment-edit"
REPLIES = "comment-replies"
STANDING = "comment-standing"
TEAM = "comment-for-team"
ESCALATION = "comment-escalation"
DIGEST = "moderator-digest"

ABOUT = {
    "approved": "approved",
    "rejected": "rejected",
    "change": "change",
    "passed": "passed",
    "edited": "edit_published",
    "kept": "edit_refused",
    "upheld": "upheld",
}  # the templates by outcome


def owe_standing(comment: "Comment") -> None:
    """Owe the mail that fits where the comment stands: confirm it, or, if that is done, see its status.

    It holds nothing that the sender of the form wrote: whoever typed the address may not be its owner.
    """
    letter = (
        _to_confirm(comment) if comment.state == comment.State.UNCONFIRMED else _letter(comment, STANDING, "standing")
    )
    wait, box = comment.mail_wait(), comment.mailbox
    owe(letter, to=comment.address, about=comment.pk, serial=comment.serial, delay=wait, box=box)


def store_and_owe(comment: "Comment") -> bool:
    """Store a new comment and owe the mail that confirms it, within the mailbox's budget, all at once.

    False when these words are stored already: then nothing is done.
    """
    new = New(comment, conflict="(digest) DO NOTHING")
    return owe_with(new, _to_confirm(comment), to=comment.address, delay=comment.mail_wait(), box=comment.mailbox)


def _to_confirm(comment: "Comment") -> Letter:
    blog = comment.post.blog
    return _confirmation(blog.pk, blog.name, blog.address, blog.sender, comment.post.title, get_language() or "")


@lru_cache(maxsize=256)
def _confirmation(owner: int, blog_name: str, blog_address: str, sender: str, title: str, language: str) -> Letter:
    """The letter about any comment on this post: rendered once, it is the same for all; its marks stand in no mail."""
    marks = Marks()
    context = {
        "blog_name": blog_name,
        "blog_address": blog_address,
        "title": title,
        "hours": settings.COMMENT_CONFIRM_HOURS,
        "confirm_url": blog_address + reverse("comment-confirm", args=[marks["comment-confirm"]]),
        "stop_url": blog_address + reverse("mail-stop", args=[marks["stop"]]),
        "code": marks[CODE],
    }
    return Letter(CONFIRMATION, "moderation/mail/confirmation", sender, context, marks, owner)


def owe_decision(comment: "Comment", decision: "Decision") -> None:
    """Owe the mail about a decision after the time for an undo. None for spam, an undo, or a forgotten address."""
    if decision.outcome in ABOUT and comment.address:
        owe(about_decision(comment, decision), to=comment.address, about=comment.pk, delay=settings.UNDO_SECONDS)
    if decision.team:
        owe_team(comment, decision)


def owe_published(comment: "Comment") -> None:
    """Owe the mail that a regular's comment is published; a refusal within the time for an undo takes it back."""
    letter = _letter(comment, DECISION, ABOUT["approved"])
    owe(letter, to=comment.address, about=comment.pk, delay=settings.UNDO_SECONDS)


def about_decision(comment: "Comment", decision: "Decision") -> Letter:
    """The letter to the writer about a decision, taken or only thought of: a moderator may read it before."""
    kind = EDIT if decision.revision_id else DECISION
    return _letter(comment, kind, ABOUT[decision.outcome], decision=decision)


def owe_team(comment: "Comment", decision: "Decision") -> None:
    """Owe another team the comment's words and post, without the writer's address, after the time for an undo."""
    team = decision.team
    if team:
        letter = _letter(comment, TEAM, "for_team", team=team, post_url=comment.post.full_url)
        owe(letter, to=team.address, about=comment.pk, delay=settings.UNDO_SECONDS)


def owe_escalation(comment: "Comment", people: "list[User]") -> None:
    """Owe these people a mail that a comment needs them, after the time for an undo; it says nothing of it.

    A link opens it behind sign-in.
    """
    for person in people:
        desk_url = comment.post.blog.url(reverse("desk-comment", args=[comment.pk]))
        letter = _letter(comment, ESCALATION, "escalation", desk_url=desk_url)
        owe(letter, to=person.email, about=comment.pk, delay=settings.UNDO_SECONDS)


def owe_replies(comment: "Comment", replies: "list[Comment]") -> Mailout:
    """Owe the writer of `comment` one mail that tells of these replies: who wrote, and where; not a word of theirs."""
    blog: Blog = comment.post.blog
    links = [(reply, blog.url(reply.get_absolute_url())) for reply in replies]
    letter = _letter(comment, REPLIES, "replies", replies=links)
    letter.unsubscribe = blog.url(reverse("replies-end", args=[letter.marks["replies-end"]]))
    letter.list_id = f"<replies.{blog.host.partition(':')[0]}>"
    letter.context = {**letter.context, "end_url": letter.unsubscribe}
    return owe(letter, to=comment.address, about=comment.pk).mailout


def cancel_decision(comment: "Comment") -> None:
    """Take back the mails about an earlier decision, if they have not left."""
    Delivery.objects.filter(about=comment.pk, mailout__kind__in=[DECISION, EDIT, TEAM, ESCALATION]).cancel()


def cancel_escalation(comment: "Comment") -> None:
    """Take back the mails to the leads, if they have not left."""
    Delivery.objects.filter(about=comment.pk, mailout__kind=ESCALATION).cancel()


def cancel_edit(comment: "Comment") -> None:
    """Take back the mail about an edit, if it has not left."""
    Delivery.objects.filter(about=comment.pk, mailout__kind=EDIT).cancel()


def cancel_all(comment: "Comment") -> None:
    """Take back every mail about it that has not left, as its writer did with it.

    Notices of replies aside, which moderation.replies counts; and leads are told of a threat all the same.
    """
    about = Delivery.objects.filter(about=comment.pk)
    about.filter(mailout__kind__in=[CONFIRMATION, STANDING, DECISION, EDIT, TEAM]).cancel()


def erase_words(comments: Collection[int], moderators: Collection[int]) -> None:
    """Take the words of these comments out of the mails that went to others, and call off those that have not left.

    Those are another team's, and the digests of these moderators, whichever comments they tell of: the next one tells
    of the others again.
    """
    about_them = Q(about__in=comments, mailout__kind__in=[TEAM, ESCALATION])
    told = Delivery.objects.filter(about_them | Q(about__in=moderators, mailout__kind=DIGEST))
    told.cancel()
    Mailout.objects.filter(pk__in=told.values("mailout")).erase_words()


def cancel_confirmations(comments: "QuerySet[Comment]") -> None:
    """Take back the mails that ask to confirm these, if they have not left."""
    Delivery.objects.filter(about__in=comments.values("pk"), mailout__kind=CONFIRMATION).cancel()


def _letter(comment: "Comment", kind: str, template: str, **context: object) -> Letter:
    blog: Blog = comment.post.blog
    marks = Marks()
    context |= {
        "blog": blog,
        "blog_name": blog.name,
        "blog_address": blog.address,
        "post": comment.post,
        "comment": comment,
        "comment_url": blog.url(comment.get_absolute_url()),
        "guidelines_url": blog.url(reverse("guidelines")),
        "status_url": blog.url(reverse("comment-status", args=[marks["comment-status"]])),
        "stop_url": blog.url(reverse("mail-stop", args=[marks["stop"]])),
    }
    return Letter(kind, f"moderation/mail/{template}", blog.sender, context, marks, blog.pk)
