"""Accounts that nobody uses are closed by the clock."""

import datetime

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from postbag.tasks import close_unused_accounts
from tests.moderation.reader import Fields
from tests.signin.staff import sign_in

pytestmark = pytest.mark.django_db


def unused(user: User, days: int) -> User:
    User.objects.filter(pk=user.pk).update(last_login=timezone.now() - datetime.timedelta(days=days))
    return user


def is_open(user: User) -> bool:
    close_unused_accounts()
    return User.objects.get(pk=user.pk).is_active


def test_one_of_ninety_days_is_closed_and_says_so(client: Client, mo: User) -> None:
    assert not is_open(unused(mo, 91))
    assert "there is no such account" in sign_in(client).text


@pytest.mark.parametrize("days", [0, 89])
def test_one_in_use_stays_open(mo: User, days: int) -> None:
    assert is_open(unused(mo, days))


def test_one_that_was_never_used_counts_from_its_making(mo: User) -> None:
    assert is_open(mo)
    User.objects.update(date_joined=timezone.now() - datetime.timedelta(days=91))
    assert not is_open(mo)


def test_a_superuser_stays_for_somebody_must_open_the_others() -> None:
    assert is_open(unused(User.objects.create_superuser("root"), 400))


def test_a_session_of_a_closed_account_ends(desk: Client, mo: User) -> None:
    assert desk.get("/desk/").status_code == 200
    unused(mo, 91)
    close_unused_accounts()
    assert desk.get("/desk/").status_code == 302


def test_zero_days_close_none(mo: User, settings) -> None:
    settings.UNUSED_ACCOUNT_DAYS = 0
    assert is_open(unused(mo, 400))


def change(admin_client: Client, user: User, **fields: str) -> None:
    """Send the admin's page as a superuser does: as it stands, but for these fields."""
    page = f"/admin/auth/user/{user.pk}/change/"
    shown = Fields(admin_client.get(page).text).values
    assert admin_client.post(page, {**shown, **fields}).status_code == 302


def test_one_that_a_superuser_opens_again_counts_from_then(admin_client: Client, mo: User) -> None:
    assert not is_open(unused(mo, 91))
    change(admin_client, mo, is_active="on")
    assert is_open(mo) and is_open(mo)
    with time_machine.travel(timezone.now() + datetime.timedelta(days=91)):
        assert not is_open(mo)


def test_another_change_in_the_admin_is_no_use_of_an_account(admin_client: Client, mo: User) -> None:
    change(admin_client, unused(mo, 91), is_active="on", first_name="Mo")
    assert not is_open(mo)
