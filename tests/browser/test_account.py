"""The staff's accounts: an authenticator app, recovery codes, a passkey, a new password."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Meet
from tests.browser.instance import PASSWORD, Instance
from tests.browser.people import Moderator
from tests.signin.staff import shown_by_app

pytestmark = pytest.mark.usefixtures("accounts")

WHO = ["lee", "ida", "kim"]
ACCOUNTS = """
from django.contrib.auth.models import User
for name in {names}: User.objects.create_superuser(name, password={password!r})
"""


def username(name: str, script: bool) -> str:
    return f"{name}-{'script' if script else 'plain'}"


@pytest.fixture(scope="module")
def accounts(instance: Instance) -> None:
    """A superuser for each journey, so that others go on without a second factor; all by one process."""
    names = [username(name, script) for name in WHO for script in (True, False)]
    instance.does(ACCOUNTS.format(names=names, password=PASSWORD))


def has_authenticator(page: Page) -> None:
    """What a fingerprint reader is to a browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    able = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    kind = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**kind, **able}})


def test_sign_in_with_an_app(meet: Meet, script: bool) -> None:
    name, lee = username("lee", script), meet(Moderator, "Lee")
    lee.signs_in(name)
    lee.follows("Your account")
    lee.follows("Add authenticator app")
    secret = lee.page.locator("code").inner_text()
    lee.writes("Code", "000000")
    lee.presses("Add app")
    lee.sees("There is a problem")
    lee.writes("Code", shown_by_app(lee.page.locator("code").inner_text() or secret))
    lee.presses("Add app")
    lee.sees_heading("Your recovery codes")
    code = lee.page.get_by_role("listitem").filter(has_text=re.compile(r"^[a-z0-9]{8}$|^\d{8}$")).first.inner_text()
    lee.goes_to("/desk/account/")
    lee.sees("In use", "10 not used")
    lee.goes_to("/desk/")
    lee.presses("Sign out")
    lee.writes("Username", name)
    lee.writes("Password", PASSWORD)
    lee.presses("Sign in")
    lee.sees_heading("Enter a code")
    lee.writes("Code", code)
    lee.presses("Sign in")
    lee.sees_heading("Awaiting a decision")


def test_a_new_password(meet: Meet, script: bool) -> None:
    name, ida = username("ida", script), meet(Moderator, "Ida")
    ida.signs_in(name)
    ida.goes_to("/desk/account/password/")
    ida.writes("Current password", PASSWORD)
    ida.writes("New password", "short")
    ida.writes("New password again", "short")
    ida.presses("Change password")
    ida.sees("There is a problem")
    for label, words in [("Current password", PASSWORD), ("New password", "staple gun weather")]:
        ida.writes(label, words)
    ida.writes("New password again", "staple gun weather")
    ida.presses("Change password")
    ida.sees_heading("Your account")


def test_a_passkey(meet: Meet, script: bool) -> None:
    name, kim = username("kim", script), meet(Moderator, "Kim")
    kim.signs_in(name)
    kim.goes_to("/desk/account/passkeys/")
    kim.sees("You have none.")
    kim.presses("Add a passkey")
    if not script:
        kim.sees("Passkeys need JavaScript.")
        return
    has_authenticator(kim.page)
    kim.writes("Name of the passkey", "Work laptop")
    kim.page.get_by_label("Sign in with it alone, without a password").check()
    kim.presses("Add passkey")
    kim.goes_to("/desk/")
    kim.presses("Sign out")
    kim.presses("Sign in with a passkey")
    kim.sees_heading("Awaiting a decision")
    kim.goes_to("/desk/account/passkeys/")
    kim.follows("Rename Work laptop")
    kim.writes("Name of the passkey", "Old laptop")
    kim.presses("Save")
    kim.follows("Remove Old laptop")
    kim.presses("Remove passkey")
    kim.sees("You have none.")
    expect(kim.page).to_have_title(re.compile("Your passkeys"))
