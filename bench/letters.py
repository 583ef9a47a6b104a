"""The mail that is measured, and whom it goes to. Import it after django.setup()."""

from collections.abc import Iterator

from mail.compose import Marks
from mail.models import Delivery, Lane, Mailout


def letter() -> Mailout:
    """An alert of two parts, 6 kB as it goes over the wire."""
    marks = Marks()
    link = f"https://blog.example.org/unsubscribe/{marks['unsubscribe']}/"
    paragraph = "The service team explains what it learned from a year of research with the people who use it. "
    text = "\n\n".join([paragraph.strip()] * 18) + f"\n\nUnsubscribe:\n{link}\n"
    html = (
        "<!doctype html>\n"
        + f'<p style="margin: 0 0 15px">{paragraph}</p>\n' * 26
        + f'<a href="{link}">Unsubscribe</a>\n'
    )
    return Mailout(
        pk=1,
        kind="alert",
        lane=Lane.ALERT,
        sender="Digital blog <blog@example.org>",
        subject="What a year of research taught us – and what is next",
        text=text,
        html=html,
        marks=dict(marks),
        unsubscribe=link,
        list_id="<alerts.blog.example.org>",
    )


def deliveries(mailout: Mailout, number: int) -> Iterator[Delivery]:
    return (
        Delivery(id=pk, mailout=mailout, address=f"reader{pk}@example.org", about=pk, mailbox=f"{pk:016x}", serial=0)
        for pk in range(1, number + 1)
    )
