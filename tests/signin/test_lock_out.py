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
from tests.signin.staff import PASSWORD, code_of, enter, give_app, sign_in

pytestmark = pytest.mark.django_db
TRIES = 10


def try_passwords(client: Client, times: int = TRIES, **how: str) -> None:
    for _ in range(times):
        last = sign_in(client, "wrong", **how)
    assert times < TRIES or last.status_code == 429


@pytest.fixture
def at_work(mo: User) -> Client:
    """A browser where Mo signed in, and out."""
    client = Client()
    sign_in(client)
    client.post("/desk/sign-out/")
    return client


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


def test_another_address_in_the_same_network_does_not_help_a_stranger(client: Client, mo: User) -> None:
    try_passwords(client, network="192.0.2.1")
    assert sign_in(client, network="192.0.2.200").status_code == 429


def test_a_colleague_in_the_same_network_signs_in_where_they_did_before(mo: User, at_work: Client) -> None:
    stranger = Client()
    try_passwords(stranger)
    assert sign_in(at_work).status_code == 302
    assert sign_in(stranger).status_code == 429, "the stranger waits all the same"


def test_wrong_codes_of_a_stranger_do_not_lock_out_a_colleague_either(mo: User, at_work: Client) -> None:
    secret, stranger = give_app(mo), Client()
    sign_in(stranger), sign_in(at_work)
    assert [enter(stranger, "000000").status_code for _ in range(TRIES)][-1] == 429
    assert enter(at_work, code_of(secret)).url == "/desk/"


def test_a_stranger_does_not_stop_a_colleague_from_proving_again_who_they_are(mo: User, at_work: Client) -> None:
    sign_in(at_work)
    try_passwords(Client())
    again = at_work.post("/desk/account/again/", {"password": PASSWORD}, REMOTE_ADDR="192.0.2.1")
    assert again.status_code == 302


def test_who_tries_too_often_in_a_known_browser_waits_and_strangers_do_not(mo: User, at_work: Client) -> None:
    try_passwords(at_work)
    assert sign_in(at_work).status_code == 429
    assert sign_in(Client()).status_code == 302


def test_a_browser_known_for_one_account_is_a_stranger_s_for_others(mo: User, at_work: Client) -> None:
    User.objects.create_user("ada", password=PASSWORD)
    try_passwords(Client(), username="ada")
    assert sign_in(at_work, username="ada").status_code == 429


@pytest.mark.parametrize("second_factor", [True, False])
def test_a_browser_is_known_once_somebody_is_in_and_not_before(client: Client, mo: User, second_factor: bool) -> None:
    sign_in(client, "wrong")
    secret = give_app(mo) if second_factor else ""
    assert sign_in(client).status_code == 302
    assert ("device" in client.cookies) is not second_factor
    assert secret == "" or "device" in enter(client, code_of(secret)).cookies


@pytest.mark.parametrize("value", ["", "mo", "a" * 48, "é" * 48])
def test_a_made_up_cookie_makes_no_known_browser(mo: User, value: str) -> None:
    robot = Client()
    robot.cookies["device"] = value
    try_passwords(Client(), TRIES - 1)
    assert sign_in(robot, "wrong").status_code == 429


def test_a_browser_is_known_for_ninety_days(mo: User, at_work: Client) -> None:
    for days, answer in [(89, 302), (91, 429)]:
        with time_machine.travel(timezone.now() + datetime.timedelta(days=days)):
            browser = Client()
            browser.cookies["device"] = at_work.cookies["device"].value
            try_passwords(Client())
            assert sign_in(browser).status_code == answer


def test_the_cookie_says_nothing_and_goes_to_the_desk_only(at_work: Client) -> None:
    cookie = at_work.cookies["device"]
    assert len(cookie.value) == 48 and cookie.value.isalnum()
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/desk/", "Strict", True)
    assert cookie["domain"] == "" and cookie["max-age"] == 90 * 86400 and not cookie["secure"]


def test_over_https_the_cookie_is_secure(client: Client, mo: User, settings) -> None:
    settings.HTTPS, settings.DEVICE_COOKIE_NAME = True, "__Secure-device"
    assert sign_in(client).cookies["__Secure-device"]["secure"]


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
