"""/desk/account/: an app, recovery codes; and that the desk opens to nobody without one where it is required."""

import datetime
import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.signin.staff import PASSWORD, code_of, enter, give_app, give_recovery_codes, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def _required(settings) -> None:
    settings.SECOND_FACTOR = True


@pytest.mark.usefixtures("_required")
@pytest.mark.parametrize("page", ["/desk/", "/desk/decided/", "/desk/comments/1/", "/admin/", "/desk/mail/"])
def test_without_one_every_page_leads_to_the_account(client: Client, mo: User, page: str) -> None:
    sign_in(client)
    assert client.get(page).url == "/desk/account/"
    assert client.post(page).url == "/desk/account/"
    assert "You need one of them to open the desk" in client.get("/desk/account/").text


@pytest.mark.usefixtures("_required")
def test_a_new_moderator_adds_an_app_and_is_in(client: Client, mo: User) -> None:
    sign_in(client)
    page = client.get("/desk/account/app/").text
    secret = re.search(r"<code[^>]*>(\w+)</code>", page)[1]
    assert client.post("/desk/account/app/", {"code": code_of(secret)}).url == "/desk/account/recovery/"
    assert client.get("/desk/").status_code == 200
    assert secret not in Authenticator.objects.get(type="totp").data["secret"], "it is sealed in the database"


def test_the_password_alone_opens_nothing_then(client: Client, mo: User) -> None:
    give_app(mo)
    assert sign_in(client).url == "/desk/sign-in/code/"
    assert client.get("/desk/").url == "/desk/sign-in/?next=/desk/"


def test_the_code_of_the_app_opens_the_desk(client: Client, mo: User) -> None:
    secret = give_app(mo)
    sign_in(client)
    assert enter(client, code_of(secret)).url == "/desk/"
    assert client.get("/desk/").status_code == 200


def test_a_wrong_code_gets_an_error_beside_the_field(client: Client, mo: User) -> None:
    give_app(mo)
    sign_in(client)
    page = enter(client, "000000").text
    assert "<title>Error: " in page and "Enter the code that your app shows now" in page


def test_a_code_counts_once(mo: User) -> None:
    secret = give_app(mo)
    code = code_of(secret)
    first, second = Client(), Client()
    sign_in(first), sign_in(second)
    assert enter(first, code).status_code == 302
    assert enter(second, code).status_code == 200


def test_each_recovery_code_signs_in_once(mo: User) -> None:
    give_app(mo)
    code = give_recovery_codes(mo)[0]
    first, second = Client(), Client()
    sign_in(first), sign_in(second)
    assert enter(first, code).url == "/desk/"
    assert enter(second, code).status_code == 200


@pytest.mark.parametrize("page", ["app/", "app/remove/", "passkeys/new/", "recovery/new/"])
def test_what_matters_asks_who_you_are_again(client: Client, mo: User, page: str) -> None:
    sign_in(client)
    secret = give_app(mo) if page != "app/" else ""
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=6)):
        assert "/desk/account/again/" in client.get(f"/desk/account/{page}").url
        way, proof = ("code/", {"code": code_of(secret)}) if secret else ("", {"password": PASSWORD})
        assert client.post(f"/desk/account/again/{way}", proof).status_code == 302
        assert client.get(f"/desk/account/{page}").status_code == 200


def test_who_signs_in_elsewhere_says_nothing_of_an_older_session(mo: User) -> None:
    older, newer = Client(), Client()
    sign_in(older)
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=2)):
        sign_in(newer)
        assert newer.get("/desk/account/app/").status_code == 200
        assert "/desk/account/again/" in older.get("/desk/account/app/").url


def test_a_session_that_knows_nothing_of_a_sign_in_is_asked(desk: Client) -> None:
    assert "/desk/account/again/" in desk.get("/desk/account/app/").url


def test_the_newest_secret_key_reads_what_an_older_one_sealed(client: Client, mo: User, settings) -> None:
    secret = give_app(mo)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 50
    sign_in(client)
    assert enter(client, code_of(secret)).url == "/desk/"


def test_a_new_password_ends_the_sessions_elsewhere(client: Client, mo: User) -> None:
    other = Client()
    sign_in(client), sign_in(other)
    new = {"oldpassword": PASSWORD, "password1": "staple gun weather", "password2": "staple gun weather"}
    assert client.post("/desk/account/password/", new).status_code == 302
    assert client.get("/desk/").status_code == 200
    assert other.get("/desk/").url == "/desk/sign-in/?next=/desk/"


@pytest.mark.parametrize("weak", ["short", "password1234"])
def test_a_weak_new_password_is_refused_beside_its_field(client: Client, mo: User, weak: str) -> None:
    sign_in(client)
    answer = client.post("/desk/account/password/", {"oldpassword": PASSWORD, "password1": weak, "password2": weak})
    assert answer.status_code == 200 and "<title>Error: " in answer.text and 'id="id_password1-error"' in answer.text


def test_the_admin_has_no_way_in_of_its_own(client: Client, mo: User) -> None:
    answer = client.post("/admin/login/", {"username": "mo", "password": PASSWORD})
    assert answer.url.startswith("/desk/sign-in/")


@pytest.mark.parametrize("page", ["signup/", "password/reset/", "email/", "login/code/"])
def test_nobody_makes_an_account(client: Client, page: str) -> None:
    for prefix in ["/accounts/", "/desk/", "/desk/account/"]:
        assert client.get(prefix + page).status_code == 404
