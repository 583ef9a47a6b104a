"""Requests that carry an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): each is done once.

What is kept for a day is a keyed hash of the key, one of the body, and which row came of it: the answer is made anew
from that, so that no address, no words and no token are stored.
"""

import datetime
import hmac

from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.utils import timezone

KEPT = datetime.timedelta(hours=24)
PATIENCE = datetime.timedelta(minutes=1)  # after that, whoever began it has died


class OtherBody(Exception):
    """The key was used for another request."""


class UnderWay(Exception):
    """The request with this key is being fulfilled at this moment."""


class DoneRequestQuerySet(QuerySet["DoneRequest"]):
    def begin(self, key: str, body: str) -> "DoneRequest":
        """The row of this key: a new one, which is ours to fulfil, or that of a request which was fulfilled.

        `key` and `body` are keyed hashes. Raises OtherBody and UnderWay.
        """
        now = timezone.now()
        mine = self.filter(key=key)
        mine.filter(created_at__lt=now - KEPT).delete()
        mine.filter(about=None, created_at__lt=now - PATIENCE).delete()
        try:
            with transaction.atomic():
                return self.create(key=key, body=body)
        except IntegrityError:
            known = mine.first()
        if known and not hmac.compare_digest(known.body, body):
            raise OtherBody
        if known is None or known.about is None:
            raise UnderWay
        return known

    def forget(self) -> int:
        """Delete those that no longer count."""
        return self.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


class DoneRequest(models.Model):
    """A request with an Idempotency-Key. `about` is the row that came of it, once it is done."""

    key = models.CharField(max_length=32, unique=True)
    body = models.CharField(max_length=32)
    about = models.PositiveBigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = DoneRequestQuerySet.as_manager()

    def __str__(self) -> str:
        return f"request {self.pk}"
