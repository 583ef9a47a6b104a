"""The words of a form of the desk that was not taken, so that whoever typed them can copy them."""

from django.http import HttpRequest

FIELDS = ("note", "words", "reply")  # what is long enough to be missed


def typed(request: HttpRequest) -> str:
    """What was typed into the form that this request sends, or nothing."""
    return next(filter(None, (request.POST.get(name, "").strip() for name in FIELDS)), "")
