"""Taking a person out of the mail that we owed or sent."""

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from mail.deliveries import DeliveryQuerySet
from mail.models import Lane, Mailout, SoftBounce


def erase(deliveries: DeliveryQuerySet) -> int:
    """Take the address out of these rows, and the words of letters to it; cancel what is owed. How many rows."""
    deliveries.cancel()
    Mailout.objects.filter(lane=Lane.NOW, deliveries__in=deliveries).erase_words()
    SoftBounce.objects.filter(mailbox__in=deliveries.values("mailbox")).delete()
    nobody = Concat(Value("erased "), Cast("pk", CharField()))
    return deliveries.update(address=nobody, mailbox="", code="")  # a server's answer may quote the address
