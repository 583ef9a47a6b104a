"""/desk/mail/: what an operator sees of mail, and does about it."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from blog.models import Blog
from mail.models import Delivery, Lane, Mailout
from moderation.models import Moderator
from sharing.models import Alert
from tests.factories import (
    make_blog,
    make_delivery,
    make_mailout,
    make_moderator,
    make_notice,
    make_post,
    make_subscription,
)

State = Delivery.State


@pytest.fixture
def olga(blog: Blog) -> Client:
    """Olga operates: she may change mailouts, and is nothing else."""
    user = User.objects.create_user("olga", email="olga@example.org", password="correct horse battery")
    user.user_permissions.add(Permission.objects.get(codename="change_mailout"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def mailout(blog: Blog) -> Mailout:
    return make_mailout(Lane.ALERT, subject="A new bridge", html="<p>Across</p>")


def act(client: Client, mailout: Mailout, name: str) -> str:
    return client.post(f"/desk/mail/{mailout.pk}/act/", {"act": name}, follow=True).text


@pytest.mark.parametrize("path", ["", "{pk}/", "{pk}/preview/", "{pk}/recipients/?state=accepted"])
def test_it_is_for_operators_alone(client: Client, blog: Blog, mailout: Mailout, olga: Client, path: str) -> None:
    address = f"/desk/mail/{path.format(pk=mailout.pk)}"
    assert client.get(address).url.startswith("/desk/sign-in/")
    client.force_login(make_moderator(blog))
    assert client.get(address).status_code == 403
    assert olga.get(address).status_code == 200


def test_numbers_say_what_became_of_every_candidate(olga: Client, mailout: Mailout) -> None:
    for number, state in enumerate([State.ACCEPTED, State.ACCEPTED, State.REJECTED]):
        make_delivery(mailout, f"{number}@example.org", state=state)
    page = " ".join(olga.get(f"/desk/mail/{mailout.pk}/").text.split())
    assert "3 of 3 mails settled" in page
    assert "2…@example.org" in olga.get(f"/desk/mail/{mailout.pk}/recipients/?state=rejected").text


def test_nobody_reads_an_address_in_full(olga: Client, mailout: Mailout) -> None:
    make_delivery(mailout, "maria@example.org", state=State.REJECTED, code="550 no maria@example.org here")
    page = olga.get(f"/desk/mail/{mailout.pk}/recipients/?state=rejected").text
    assert "550 no ma…@example.org here" in page and "maria" not in page


@pytest.mark.parametrize("path", ["", "preview/", "recipients/?state=pending"])
def test_an_operator_of_another_blog_sees_none_of_it(client: Client, blog: Blog, path: str) -> None:
    other = make_blog(name="Other", address="http://other.example")
    client.force_login(make_moderator(other, "omar"))
    Moderator.objects.update(duty="operator")
    theirs, ours = make_mailout(Lane.ALERT, owner=other.pk), make_mailout(Lane.ALERT, owner=blog.pk, subject="Secret")
    assert client.get(f"/desk/mail/{theirs.pk}/{path}").status_code == 200
    assert client.get(f"/desk/mail/{ours.pk}/{path}").status_code == 404
    assert client.post(f"/desk/mail/{ours.pk}/act/", {"act": "cancel"}).status_code == 404
    assert "Secret" not in client.get("/desk/mail/").text


def test_each_mail_knows_the_blog_that_sends_it(client: Client, blog: Blog) -> None:
    post, notice = make_post(blog), str(make_notice(blog).pk)
    client.post("/subscribe/", {"email": "sue@example.org", "notice": notice})
    client.post("/my/", {"email": "ann@example.org"})
    make_subscription(blog, "uma@example.org")
    Alert.objects.raise_for(post)
    assert {mailout.owner for mailout in Mailout.objects.all()} == {post.blog_id} and Mailout.objects.count() == 3


def test_people_read_the_sender_and_large_numbers(olga: Client, blog: Blog) -> None:
    mailout = make_mailout(Lane.ALERT, sender="=?utf-8?q?Zo=C3=AB=E2=80=99s_blog?= <blog@example.org>", prepared=10000)
    assert "10,000 mails" in olga.get("/desk/mail/").text
    page = olga.get(f"/desk/mail/{mailout.pk}/").text
    assert "Zoë’s blog &lt;blog@example.org&gt;" in page and "of 10,000 mails settled" in page


def test_paused_mail_waits_and_resumed_mail_goes(olga: Client, mailout: Mailout, send_mail) -> None:
    make_delivery(mailout)
    assert "Paused" in act(olga, mailout, "pause")
    assert not send_mail()
    act(olga, mailout, "resume")
    assert len(send_mail()) == 1


def test_cancelled_mail_never_goes(olga: Client, mailout: Mailout, send_mail) -> None:
    make_delivery(mailout)
    act(olga, mailout, "cancel")
    act(olga, mailout, "resume")
    assert not send_mail()
    assert mailout.count_states() == {"cancelled": 1}


def test_the_rejected_are_sent_again_and_nobody_else(olga: Client, mailout: Mailout, send_mail) -> None:
    make_delivery(mailout, "ann@example.org", state=State.ACCEPTED)
    make_delivery(mailout, "ben@example.org", state=State.REJECTED, attempts=10)
    Mailout.objects.close_finished()
    act(olga, mailout, "retry")
    assert [mail.to for mail in send_mail()] == [["ben@example.org"]]
    mailout.refresh_from_db()
    assert mailout.state == Mailout.State.DONE


def test_the_uncertain_can_be_counted_as_accepted(olga: Client, mailout: Mailout) -> None:
    make_delivery(mailout, state=State.UNCERTAIN)
    act(olga, mailout, "accept")
    assert mailout.count_states() == {"accepted": 1}


def test_the_uncertain_wait_on_the_first_page_until_somebody_decides(olga: Client, mailout: Mailout, send_mail) -> None:
    for number in range(3):
        make_delivery(mailout, f"{number}@example.org", state=State.UNCERTAIN)
    assert "nobody knows whether 3 mails arrived" in olga.get("/desk/mail/").text
    act(olga, mailout, "resend")
    assert "nobody knows" not in olga.get("/desk/mail/").text
    assert len(send_mail()) == 3


def test_a_test_goes_to_oneself(olga: Client, mailout: Mailout, send_mail) -> None:
    act(olga, mailout, "test")
    (mail,) = send_mail()
    assert (mail.to, mail.subject) == (["olga@example.org"], "[Test] A new bridge")


def test_a_get_acts_on_nothing_and_an_unknown_act_is_not_found(olga: Client, mailout: Mailout) -> None:
    assert olga.get(f"/desk/mail/{mailout.pk}/act/").status_code == 405
    assert olga.post(f"/desk/mail/{mailout.pk}/act/", {"act": "delete"}).status_code == 404


def test_the_check_names_the_mailout_that_does_not_add_up(mailout: Mailout, capsys) -> None:
    make_delivery(mailout)
    call_command("mail_check")
    Delivery.objects.all().delete()
    with pytest.raises(CommandError, match="1 of 1"):
        call_command("mail_check")
    assert f"mailout {mailout.pk}" in capsys.readouterr().err


def test_the_list_takes_the_same_queries_for_one_and_for_many(olga: Client, mailout: Mailout) -> None:
    olga.get("/desk/mail/")
    with CaptureQueriesContext(connection) as one:
        olga.get("/desk/mail/")
    for number in range(20):
        make_delivery(make_mailout(Lane.ALERT, subject=f"Post {number}"))
    with CaptureQueriesContext(connection) as many:
        olga.get("/desk/mail/")
    assert len(many) == len(one)
