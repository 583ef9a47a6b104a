"""The record of what people did: rows are added, and stay as they are."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User

from blog.models import Blog
from moderation.audit import Event, NeverChanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(blog: Blog, mo: User) -> Event:
    return Event.objects.note_down(Event.Kind.EXPORTED, blog, mo, rows=3)


def test_it_says_who_did_what(event: Event) -> None:
    assert str(event).startswith("Exported, mo, ") and event.details == {"rows": 3}


def test_no_method_changes_or_deletes_it(event: Event) -> None:
    for change in [event.save, event.delete, Event.objects.all().delete, lambda: Event.objects.update(kind="noted")]:
        with pytest.raises(NeverChanged):
            change()
    assert Event.objects.get().kind == "exported"


def test_no_page_of_the_admin_shows_it() -> None:
    assert not admin.site.is_registered(Event)
