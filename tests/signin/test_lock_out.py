"""Wrong passwords and codes: who tries is locked out, and nobody else."""

import datetime

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from postbag.tasks import close_unused_accounts
from tests.database import whole_database
from tests.signin.staff import code_of, enter, give_app, sign_in

pytestmark = pytest.mark.django_db
TRIES = 10


def try_passwords(client: Client, times: int = TRIES, **how: str) -> None:
    for _ in range(times):
        last = sign_in(client, "wrong", **how)
    assert times < TRIES or last.status_code == 429


def test_who_tries_too_often_is_told_to_wait(client: Client, mo: User) -> None:
    try_passwords(client)
    answer = sign_in(client)
    assert answer.status_code == 429 and "Too many tries" in answer.text
    assert answer["Cache-Control"] == "no-store, private"


def test_a_colleague_elsewhere_signs_in_all_the_same(client: Client, mo: User) -> None:
    try_passwords(client, network="198.51.100.7")
    assert sign_in(client, network="192.0.2.1").status_code == 302


def test_another_account_on_the_same_network_is_open(client: Client, mo: User) -> None:
    User.objects.create_user("ada", password="correct horse battery")
    try_passwords(client)
    assert sign_in(client, username="ada").status_code == 302


def test_another_address_in_the_same_network_does_not_help(client: Client, mo: User) -> None:
    try_passwords(client, network="192.0.2.1")
    assert sign_in(client, network="192.0.2.200").status_code == 429


def test_another_browser_does_not_help(client: Client, mo: User) -> None:
    for number in range(TRIES):
        data = {"login": "mo", "password": "wrong"}
        client.post("/desk/sign-in/", data, headers={"User-Agent": f"robot {number}"})
    assert sign_in(client, network="127.0.0.1").status_code == 429


def test_it_ends_after_a_quarter_of_an_hour(client: Client, mo: User) -> None:
    try_passwords(client)
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=16)):
        assert sign_in(client).status_code == 302


def test_the_right_password_starts_the_count_anew(client: Client, mo: User) -> None:
    for _ in range(3):
        try_passwords(client, TRIES - 1)
        assert sign_in(client).status_code == 302
        client.post("/desk/sign-out/")


def test_wrong_codes_count_too(client: Client, mo: User) -> None:
    secret = give_app(mo)
    assert sign_in(client).url == "/desk/sign-in/code/"
    assert [enter(client, "000000").status_code for _ in range(TRIES)] == [200] * (TRIES - 1) + [429]
    assert enter(client, code_of(secret)).status_code == 429
    assert client.get("/desk/").status_code == 302, "not signed in"


def test_no_address_of_the_network_is_stored(client: Client, mo: User) -> None:
    try_passwords(client, 3, network="203.0.113.77")
    assert "203.0.113" not in str(whole_database())
    assert AccessAttempt.objects.get().ip_address.startswith("fd")


def test_tries_are_forgotten_after_a_day(client: Client, mo: User) -> None:
    try_passwords(client, 3)
    close_unused_accounts()
    assert AccessAttempt.objects.exists()
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=25)):
        close_unused_accounts()
    assert not AccessAttempt.objects.exists()
