"""A comment's whole life, and who decides it."""

import datetime
from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Exists, F, Q, Value
from django.urls import reverse
from django.utils import timezone

from blog.models import Post, PrivacyNotice
from mail import budgets
from moderation import claims, mail, promise, regulars, repeats, rules, spam, states
from moderation.audit import Event as Event
from moderation.decisions import Decision as Decision
from moderation.decisions import NotPossible as NotPossible
from moderation.decisions import Overtaken as Overtaken
from moderation.decisions import Proposal as Proposal
from moderation.decisions import is_refusal as is_refusal
from moderation.decisions import unappealed
from moderation.desk_lists import DeskQuerySet
from moderation.idempotency import DoneRequest as DoneRequest
from moderation.lists import ListEntry as ListEntry
from moderation.months import Month as Month
from moderation.notes import Note as Note
from moderation.reasons import Reason as Reason
from moderation.replies import ReplyNotice
from moderation.reports import Report
from moderation.revisions import Appeal as Appeal
from moderation.revisions import Revision as Revision
from moderation.roles import Moderator as Moderator
from moderation.spam import Learnt as Learnt
from moderation.spam import Word as Word
from moderation.submitting import confirm_limit
from moderation.teams import Team as Team
from postbag import tokens

NO_CONDITION = Q()
CODE_TRIES = 5  # of the code in one mail
CLOSED = 99  # the tries of a comment whose writer gave another address


class CommentQuerySet(DeskQuerySet):
    """All that can be asked of comments."""

    def public(self) -> Self:
        """Comments that anybody may read, on posts that anybody may read."""
        return self.filter(state=Comment.State.APPROVED, post__in=Post.objects.public())

    def in_thread(self) -> Self:
        """Oldest first."""
        return self.order_by("submitted_at", "pk")


class Comment(models.Model):
    """What a reader says of a post. Seen by nobody until its author's address is proved, and then by the desk."""

    State = states.State
    NOT_PROVED = states.NOT_PROVED
    REFUSED = states.REFUSED

    post = models.ForeignKey(Post, models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="replies")
    root = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        related_name="thread",
        db_index=False,  # comment_replies is one
        help_text="The comment that began its thread",
    )
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=254, blank=True)
    mailbox = models.CharField(max_length=16, blank=True)
    text = models.TextField()
    html = models.TextField()
    digest = models.CharField(max_length=32, unique=True, null=True)  # noqa: DJ001 - NULLs are not equal to each other
    state = models.CharField(max_length=11, choices=State, default=State.UNCONFIRMED)
    version = models.PositiveIntegerField(default=1)
    notice = models.ForeignKey(PrivacyNotice, models.PROTECT, related_name="+")
    official = models.CharField(
        max_length=200, blank=True, db_default="", help_text="Role and organisation of an official reply's writer"
    )
    held = models.JSONField(
        default=list,
        db_default=Value([], models.JSONField()),
        help_text="What the desk should know: reasons and spans",
    )
    spam_percent = models.PositiveSmallIntegerField(null=True, help_text="How likely it is spam; of use once proved")
    is_held = models.BooleanField(default=False, db_default=False, help_text="Whether a rule found something")
    fingerprint = models.BigIntegerField(null=True, help_text="Alike for texts that are alike")
    edition = models.PositiveSmallIntegerField(
        default=1, db_default=1, help_text="Raised by edits once it is published"
    )
    parent_edition = models.PositiveSmallIntegerField(null=True, help_text="The edition of `parent` that it answers")
    edits = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="How often its writer changed it")
    edited_at = models.DateTimeField(null=True, help_text="When an edit of the published comment was published")
    wants_replies = models.BooleanField(default=False, db_default=False, help_text="Email the writer about replies")
    serial = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Ends its earlier confirmation links")
    code_tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    claimed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    claimed_until = models.DateTimeField(null=True)
    at_once = models.BooleanField(
        default=False, db_default=False, help_text="Whether it was published when it was confirmed, as a regular’s"
    )
    unseen = models.BooleanField(
        default=False, db_default=False, help_text="Whether nobody at the desk has decided about it since"
    )
    escalated_at = models.DateTimeField(null=True, help_text="When it was passed to the leads, as long as they have it")
    submitted_at = models.DateTimeField(default=timezone.now)
    mailed_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="By when it is to be decided, by the blog's promise")
    decided_at = models.DateTimeField(null=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["post", "state", "submitted_at"], name="comment_thread"),
            models.Index(fields=["state", "confirmed_at"], name="comment_queue"),
            models.Index(fields=["mailbox"], name="comment_mailbox"),
            models.Index(fields=["due_at", "confirmed_at", "id"], name="comment_promise", condition=Q(state="pending")),
            models.Index(
                fields=["-decided_at", "-id"],
                name="comment_decided",
                condition=Q(state__in=["approved", "rejected", "spam"]),
            ),
            models.Index(
                fields=["escalated_at", "id"], name="comment_escalated", condition=Q(escalated_at__isnull=False)
            ),
            models.Index(fields=["post", "submitted_at"], name="comment_beginnings", condition=Q(root=None)),
            models.Index(
                fields=["root", "state", "submitted_at", "id"], name="comment_replies", condition=Q(root__isnull=False)
            ),
            models.Index(
                fields=["-decided_at"],
                name="comment_guessed",
                condition=Q(state__in=["approved", "rejected", "spam"], spam_percent__gte=spam.LIKELY),
            ),
            models.Index(
                fields=["due_at", "confirmed_at", "id"],
                name="comment_held",
                condition=Q(state="pending", is_held=True),
            ),
            models.Index(
                fields=["due_at", "confirmed_at", "id"],
                name="comment_likely",
                condition=Q(state="pending", spam_percent__gte=spam.LIKELY),
            ),
            models.Index(
                fields=["due_at", "confirmed_at", "id"],
                name="comment_unseen",
                condition=Q(state="approved", unseen=True),
            ),
            models.Index(fields=["-decided_at"], name="comment_published", condition=Q(state="approved")),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk}"

    def get_absolute_url(self) -> str:
        """Its permanent address, which leads to wherever it stands now."""
        return reverse("comment-permalink", args=[self.pk])

    def is_stale(self) -> bool:
        """Whether it was never confirmed, and no longer can be."""
        return self.state == self.State.UNCONFIRMED and self.is_past_confirming()

    def is_past_confirming(self) -> bool:
        """Whether it was submitted so long ago that nobody can confirm it any more."""
        return self.submitted_at < confirm_limit()

    @property
    def confirm_until(self) -> datetime.datetime:
        """The end of the time in which it can be confirmed, in the zone of our readers."""
        return timezone.localtime(self.submitted_at + datetime.timedelta(hours=settings.COMMENT_CONFIRM_HOURS))

    def is_shown_to_its_sender(self) -> bool:
        """Whether “check your email” still shows it, in whatever state it is, to whom the form led there."""
        return bool(self.address) and not self.is_past_confirming() and self.code_tries != CLOSED

    def send_again(self) -> bool:
        """Owe the mail that fits where it stands once more: not within two minutes, and within the mailbox's budget.

        Its earlier links and codes end; its deadline stays. False when nothing was owed, and then they work on.
        """
        with transaction.atomic():
            moved = self._claim_another_mail() and budgets.spend(self.mailbox)
            transaction.set_rollback(not moved)
            if moved:
                self.refresh_from_db(fields=["state", "serial"])
                mail.cancel_confirmations(Comment.objects.filter(pk=self.pk))
                mail.owe_standing(self)
        return moved

    def correct(self, address: str, network: str) -> "Comment":
        """The same words from another address, as a new comment; this one is erased, unless it was confirmed.

        Whoever corrects it has it no longer, confirmed or not. Raises mail.budgets.BudgetExceeded.
        """
        budgets.admit(network)
        kept = ["post", "parent", "name", "text", "notice", "wants_replies", "held"]
        words = {name: getattr(self, name) for name in kept}
        with transaction.atomic():
            here = Comment.objects.filter(pk=self.pk)
            here.update(code_tries=CLOSED)
            unconfirmed = here.filter(state=self.State.UNCONFIRMED)
            mail.cancel_confirmations(unconfirmed)
            unconfirmed.delete()
            return Comment.objects.submit(network=network, address=address, **words)

    def try_code(self, typed: str, network: str) -> bool:
        """Whether `typed` is the code in its newest mail. It is not when it was used, or after CODE_TRIES tries.

        The try is counted first, in one UPDATE, so that any number at once stay within the limit. Tries are counted for
        the mailbox, too, without a word, and for the network. Raises mail.budgets.BudgetExceeded for the latter.
        """
        if not budgets.take("codes of network", network, budgets.HOUR, settings.CODES_PER_NETWORK):
            raise budgets.BudgetExceeded(budgets.Refusal.NETWORK, settings.CODES_PER_NETWORK, budgets.HOUR)
        open_to = Comment.objects.filter(pk=self.pk, serial=self.serial, state=self.State.UNCONFIRMED)
        counted = open_to.filter(code_tries__lt=CODE_TRIES).update(code_tries=F("code_tries") + 1)
        room = budgets.take("codes of mailbox", self.mailbox, budgets.DAY, settings.CODES_PER_MAILBOX)
        return tokens.is_code(mail.CODE, self.pk, self.serial, typed) and bool(counted) and room

    def confirm(self, network: str = "") -> bool:
        """The author proved the address: on to the desk, or, if moderation.regulars says so, on to the page.

        False when it was confirmed before, is too old, or is gone, or when the same words were confirmed before
        (`kept`). Raises TooManyAtOnce for those of one mailbox or network that were stored up: then nothing has moved.
        """
        limit, words = confirm_limit(), self._confirmed_digest()
        waiting = Comment.objects.filter(pk=self.pk, state=self.State.UNCONFIRMED, submitted_at__gte=limit)
        now_known = self.judged(proved=True) | self.weighed() if self.state == self.State.UNCONFIRMED else {}
        with transaction.atomic():
            placed = regulars.place(self, now_known)
            moved = waiting.exclude(Exists(Comment.objects.filter(digest=words, digest__isnull=False))).update(
                confirmed_at=timezone.now(),
                due_at=promise.due_at(self.post.blog, timezone.now()),
                version=F("version") + 1,
                digest=words,
                **now_known,
                **placed,
            )
            if moved:  # else it may be gone, if the clock was faster
                self._count_confirmation(network)
                self.refresh_from_db()
                if self.unseen:
                    regulars.publish(self)
        return bool(moved)

    def judged(self, proved: bool = False) -> dict[str, Any]:
        """What the desk should know of it, by the rules and the other comments of now: fields, not yet saved."""
        self.fingerprint = repeats.fingerprint(self.text)
        found = rules.held(self, proved)
        return {"fingerprint": self.fingerprint, "held": found, "is_held": rules.holds(found)}

    def weighed(self) -> dict[str, Any]:
        """How likely it is spam, by what the desk has decided so far; a field, not yet saved."""
        found = spam.score(self)
        return {"spam_percent": found.percent if found else None}

    def mail_wait(self) -> int:
        """Seconds for which the mail that confirms it has to wait yet: it was sent when the blog was too busy."""
        if not any(entry["kind"] == rules.SLOWED for entry in self.held):
            return 0
        due = self.submitted_at + datetime.timedelta(seconds=settings.SLOWED_SECONDS)
        return max(0, int((due - timezone.now()).total_seconds()))

    def confirm_at_once(self, network: str) -> "Comment | None":
        """Confirm it without a mail, for a browser that proved its address. The comment that stands, or None."""
        try:
            self.confirm(network)
        except TooManyAtOnce:
            return None
        kept = self.kept()
        if kept.pk != self.pk:
            self.delete()
        return None if kept.state == self.State.UNCONFIRMED else kept

    def kept(self) -> "Comment":
        """The comment of the same words that was confirmed before this one, or else this one."""
        if self.state != self.State.UNCONFIRMED or self.digest is None:
            return self
        return Comment.objects.select_related("post__blog").filter(digest=self._confirmed_digest()).first() or self

    def decide(
        self,
        outcome: Decision.Outcome,
        *,
        by: User,
        version: int,
        reason: Reason | None = None,
        note: str = "",
        appeal: Appeal | None = None,
        team: Team | None = None,
    ) -> Decision:
        """Take a decision on the comment as it was at `version`, with its consequences.

        One UPDATE moves it; only if it moved, a Decision row is added, the page is shown anew, and the author's mail is
        owed after the time for an undo, and an earlier decision's mail that has not left is cancelled. The same holds
        of notices of a reply. Raises Overtaken when somebody else was faster, and NotPossible when it has that state
        already, or when an appeal is open and this does not answer it.
        """
        with transaction.atomic():
            before = self.state
            self._move(outcome, version, NO_CONDITION if appeal else unappealed())
            decision = self.decisions.create(
                outcome=outcome, version=version, moderator=by, reason=reason, note=note, appeal=appeal, team=team
            )
            self.post.blog.raise_page_version()
            mail.cancel_decision(self)
            mail.owe_decision(self, decision)
            ReplyNotice.objects.follow(self)
            Report.objects.follow(self, before)
        return decision

    def hide_if_reported_enough(self) -> bool:
        """Put it back in the queue, promised anew, if its blog wants that at this weight of reports. Whether it was.

        What its publication owed is called off, as by an undo. Call it in a transaction.
        """
        limit = self.post.blog.hide_reported_at
        if limit is None or Report.objects.weight(self) < limit:
            return False
        published = Comment.objects.filter(pk=self.pk, state=self.State.APPROVED)
        due_at = promise.due_at(self.post.blog, timezone.now())
        back = {"state": self.State.PENDING, "decided_at": None, "due_at": due_at, "unseen": False, **claims.FREED}
        moved = published.update(**back, version=F("version") + 1)
        if moved:
            blog = self.post.blog
            self.refresh_from_db()
            Event.objects.note_down(Event.Kind.HIDDEN, blog, None, self)
            blog.raise_page_version()
            mail.cancel_decision(self)
            ReplyNotice.objects.follow(self)
        return bool(moved)

    def advance(self, version: int, states: Iterable[str], when: Q = NO_CONDITION, /, **changes: Any) -> None:
        """Change it as it was at `version`, in one of `states`, and raise the version: one conditional UPDATE.

        Raises Overtaken when somebody else was faster, and NotPossible when it was in none of those states, or not as
        `when` has it.
        """
        here = Comment.objects.filter(when, pk=self.pk, version=version, state__in=states)
        moved = here.update(**changes, version=F("version") + 1)
        self.refresh_from_db()
        if not moved:
            raise NotPossible(self) if self.version == version else Overtaken(self)

    def withdraw(self) -> bool:
        """Its writer takes it back, whatever was decided. False when that was done before.

        The same words may be sent anew. What was owed about it is cancelled, and whatever of it awaits the desk ends.
        """
        with transaction.atomic():
            moved = (
                Comment.objects.filter(pk=self.pk)
                .exclude(state=self.State.WITHDRAWN)
                .update(
                    state=self.State.WITHDRAWN,
                    decided_at=timezone.now(),
                    version=F("version") + 1,
                    digest=None,
                    wants_replies=False,
                )
            )
            if moved:
                self.post.blog.raise_page_version()
                self.revisions.replace()
                Appeal.objects.filter(comment=self).drop()
                Report.objects.open().filter(comment=self).delete()
                mail.cancel_all(self)
                ReplyNotice.objects.filter(Q(reply=self) | Q(comment=self)).call_off()
        self.refresh_from_db()
        return bool(moved)

    def newest_decision(self) -> Decision | None:
        """What was decided last, an undo included; from the prefetched rows where there are some."""
        decisions = list(self.decisions.all())
        return decisions[-1] if decisions else None

    def last_decision(self) -> Decision | None:
        """The decision in force about whether it is published: none once it was undone."""
        standing: list[Decision] = []
        for decision in self.decisions.all():
            if decision.outcome in Decision.STATE_AFTER:
                standing.append(decision)
            elif decision.outcome == Decision.Outcome.REOPENED and decision.appeal_id:  # what the appeal changed is off
                standing = [other for other in standing if other.appeal_id is None]
        newest = standing[-1] if standing else None
        return newest if newest and newest.outcome != Decision.Outcome.UNDONE else None

    def _claim_another_mail(self) -> bool:
        now = timezone.now()
        earlier = Comment.objects.filter(pk=self.pk, mailed_at__lt=now - datetime.timedelta(minutes=2))
        return bool(earlier.update(mailed_at=now, serial=F("serial") + 1, code_tries=0))

    def _confirmed_digest(self) -> str | None:
        """What marks the same words once they are confirmed: a row of them can still come, unconfirmed (ADR 6)."""
        return self.digest and f"={self.digest[1:]}"

    def _count_confirmation(self, network: str) -> None:
        """Of one mailbox, and of one network, so many an hour."""
        per_mailbox, per_network = settings.CONFIRMATIONS
        if not budgets.take("confirmations of mailbox", self.mailbox, budgets.HOUR, per_mailbox):
            raise TooManyAtOnce(budgets.Refusal.MAILBOX, per_mailbox, budgets.HOUR)
        if not budgets.take("confirmations of network", network, budgets.HOUR, per_network):
            raise TooManyAtOnce(budgets.Refusal.NETWORK, per_network, budgets.HOUR)

    def _move(self, outcome: Decision.Outcome, version: int, when: Q) -> None:
        """Design: a transition is one conditional UPDATE that says whether it moved."""
        target = Decision.STATE_AFTER[outcome]
        now = None if target == self.State.PENDING else timezone.now()
        movable = [state for state in Decision.MOVABLE if state != target]
        freed = {**claims.FREED, "escalated_at": None, "unseen": False}
        self.advance(version, movable, when, state=target, decided_at=now, **freed)


class TooManyAtOnce(budgets.BudgetExceeded):
    """As many comments were confirmed from here as we let through in an hour. Told to who has proved the address."""
