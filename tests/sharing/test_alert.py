"""A post that becomes public is told of once, to those who asked, and in words that are its own."""

import datetime
from email.message import EmailMessage

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from blog.models import Blog, Post
from mail.drain import drain
from mail.models import Delivery, Lane, Mailout, Suppression
from sharing.models import Alert, Subscription
from sharing.tasks import raise_alerts
from tests.at_once import at_once
from tests.factories import make_blog, make_notice, make_post, make_subscription
from tests.mail.servers import Postbox

pytestmark = pytest.mark.django_db
NASTY = "Tom & Jerry <script>alert(1)</script> “quoted” \"plain\" 'single' 100% %s {{ x }} 🎉"


@pytest.fixture
def sue(blog: Blog) -> Subscription:
    """Sue, who gets alerts."""
    return make_subscription(blog)


def alert_for(post: Post, postbox: Postbox) -> EmailMessage:
    """The mail about `post`, as a server received it."""
    assert Alert.objects.raise_for(post)
    drain()
    [mail] = postbox.mails
    return mail


def test_every_confirmed_subscriber_is_owed_one(blog: Blog) -> None:
    for state in Subscription.State:
        make_subscription(blog, f"{state}@example.org", state=state)
    post = make_post(blog)
    raise_alerts()
    alert = Alert.objects.get(post=post)
    assert [row.address for row in alert.mailout.deliveries.all()] == ["confirmed@example.org"]
    assert (alert.mailout.lane, alert.mailout.candidates) == (Lane.ALERT, 1)


def test_the_clock_may_tick_often(blog: Blog, sue: Subscription, mailoutbox) -> None:
    make_post(blog)
    for _ in range(5):
        raise_alerts()
        drain()
    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True)
def test_ten_clocks_at_once_tell_once(blog: Blog, sue: Subscription) -> None:
    posts = [make_post(blog, title=f"Post {number}") for number in range(2)]
    assert sum(at_once([Alert.objects.raise_due] * 10)) == 2
    assert Alert.objects.count() == Mailout.objects.count() == Delivery.objects.count() == len(posts)


def test_a_scheduled_post_is_told_of_at_its_time(blog: Blog, sue: Subscription) -> None:
    at = timezone.now() + datetime.timedelta(minutes=5)
    make_post(blog, published_at=at)
    assert Alert.objects.raise_due() == 0
    with time_machine.travel(at - datetime.timedelta(seconds=1)):
        assert Alert.objects.raise_due() == 0
    with time_machine.travel(at + datetime.timedelta(seconds=1)):
        assert Alert.objects.raise_due() == 1


@pytest.mark.parametrize("fields", [{"state": "draft"}, {"state": "withdrawn"}, {"send_alert": False}])
def test_what_nobody_should_hear_of_is_not_told(blog: Blog, sue: Subscription, fields: dict) -> None:
    post = make_post(blog, published_at=timezone.now(), **fields)
    assert Alert.objects.raise_due() == 0
    Post.objects.filter(pk=post.pk).update(state="published", send_alert=True)
    assert Alert.objects.raise_due() == 1


def test_subscribers_of_another_blog_hear_nothing(blog: Blog, sue: Subscription) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    make_post(other)
    assert Alert.objects.raise_due() == 1
    assert not Delivery.objects.exists()


def test_an_edited_post_is_not_told_of_again(blog: Blog, sue: Subscription) -> None:
    post = make_post(blog)
    raise_alerts()
    for state in ["withdrawn", "published"]:
        post.state, post.title = state, f"Now {state}"
        post.save()
        raise_alerts()
    assert Delivery.objects.count() == 1


def test_nothing_is_told_of_a_post_whose_publishing_failed(blog: Blog, sue: Subscription) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make_post(blog)
        raise_alerts()
        raise ZeroDivisionError
    assert not Delivery.objects.exists() and not Alert.objects.exists()


def test_an_alert_that_cannot_be_written_holds_up_no_other(blog: Blog, sue: Subscription) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    make_subscription(other, "sid@example.org")
    broken, sound = make_post(blog), make_post(other)
    Post.objects.filter(pk=broken.pk).update(slug="no address has a space")
    assert Alert.objects.raise_due() == 1
    assert Alert.objects.filter(post=sound).exists()
    assert not Alert.objects.filter(post=broken).exists()


def test_suppressed_people_are_counted_and_left_out(blog: Blog, sue: Subscription) -> None:
    Suppression.objects.add_mailbox(sue.mailbox, "asked")
    make_post(blog)
    raise_alerts()
    mailout = Mailout.objects.get()
    assert (mailout.candidates, mailout.prepared, mailout.suppressed) == (1, 0, 1)


def test_a_hundred_subscribers_take_as_many_statements_as_one(blog: Blog, django_assert_max_num_queries) -> None:
    for number in range(100):
        make_subscription(blog, f"{number}@example.org")
    make_post(blog)
    with django_assert_max_num_queries(19):
        raise_alerts()
    assert Delivery.objects.count() == 100


@pytest.mark.parametrize(
    "title",
    [
        "A new bridge",
        NASTY,
        "Zoë’s 日本語 – العربية",
        "🎉" * 200,
        "word " * 39 + "end",
        "x" * 200,
        "Re: [x] To: all; a@b, c",
    ],
)
def test_its_subject_is_the_title(blog: Blog, sue: Subscription, postbox: Postbox, title: str) -> None:
    mail = alert_for(make_post(blog, title=title, slug="s"), postbox)
    assert str(mail["Subject"]).strip() == title  # Python 3.11 keeps the space of a folded first line
    assert not mail.defects


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\x1c", "\n\n", "\r\n ", "\n\t"])
def test_a_title_adds_no_header(blog: Blog, sue: Subscription, postbox: Postbox, end: str) -> None:
    mail = alert_for(make_post(blog, title=f"A bridge{end}Bcc: eve@example.org", slug="s"), postbox)
    assert str(mail["Subject"]) == "A bridge Bcc: eve@example.org"
    assert mail["Bcc"] is None
    assert postbox.sent_to == ["sue@example.org"]


def test_a_name_of_a_blog_adds_no_header(blog: Blog, sue: Subscription, postbox: Postbox) -> None:
    Blog.objects.update(name='Evil" <eve@example.org>\r\nBcc: eve@example.org\r\n, "x')
    Alert.objects.raise_for(make_post(Blog.objects.get()))
    drain()
    assert all(mail["Bcc"] is None and len(mail["From"].addresses) == 1 for mail in postbox.mails)
    assert set(postbox.sent_to) <= {"sue@example.org"}


@pytest.mark.parametrize("name", ["Zoë’s “blog”, & more", "日" * 100, "🎉" * 100, 'a "b" \\ c', "ann@example.org"])
def test_it_comes_from_the_blog_s_name_and_address(blog: Blog, sue: Subscription, postbox: Postbox, name: str) -> None:
    Blog.objects.update(name=name)
    mail = alert_for(make_post(Blog.objects.get()), postbox)
    [sender] = mail["From"].addresses
    # Python's parser puts a space between two encoded words of a name, which RFC 2047 section 6.2 says to drop.
    assert sender.display_name.replace(" ", "") == name.replace(" ", "")
    assert sender.addr_spec == "blog@example.org"


def test_it_has_text_and_html_and_both_say_the_same(blog: Blog, sue: Subscription, postbox: Postbox) -> None:
    post = make_post(blog, title=NASTY, slug="s", body="First *paragraph* & more.\n\nSecond.")
    mail = alert_for(post, postbox)
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.get_body(["plain"]).get_content(), mail.get_body(["html"]).get_content()
    assert post.full_url() in text and post.full_url() in html
    assert "First paragraph & more." in text and "First paragraph &amp; more." in html
    assert "Second." not in text + html
    assert "<script>" in text and "<script>" not in html
    assert "/unsubscribe/" in text and "/unsubscribe/" in html


def test_its_headers_end_it_in_one_press(blog: Blog, sue: Subscription, postbox: Postbox) -> None:
    mail = alert_for(make_post(blog), postbox)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = mail["List-Unsubscribe"].strip("<> ")
    assert url.startswith("http://testserver/unsubscribe/") and url.endswith("/") and " " not in url
    assert url in mail.get_body(["plain"]).get_content()
    assert mail["List-Id"].strip().endswith("<alerts.testserver>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Precedence"] == "bulk"


def test_each_header_stands_once(blog: Blog, sue: Subscription, postbox: Postbox) -> None:
    mail = alert_for(make_post(blog), postbox)
    names = [name.lower() for name in mail if name.lower() != "received"]
    assert len(names) == len(set(names))
    assert {"from", "to", "subject", "date", "message-id"} <= set(names)
    assert mail["To"].addresses[0].addr_spec == "sue@example.org"


def test_each_reader_gets_links_of_their_own(blog: Blog, sue: Subscription, postbox: Postbox) -> None:
    make_subscription(blog, "sid@example.org")
    make_post(blog)
    raise_alerts()
    drain()
    links = {mail["List-Unsubscribe"].strip("<> ") for mail in postbox.mails}
    assert len(links) == 2
    for mail in postbox.mails:
        theirs = mail["List-Unsubscribe"].strip("<> ")
        [other] = links - {theirs}
        content = "".join(part.get_content() for part in mail.iter_parts())
        assert theirs in content and other not in content


def test_no_token_stands_in_the_ledger(blog: Blog, sue: Subscription, postbox: Postbox) -> None:
    """The body is stored once, with marks; whoever reads it can unsubscribe nobody."""
    mail = alert_for(make_post(blog), postbox)
    token = mail["List-Unsubscribe"].strip("<> /").rpartition("/")[2]
    mailout = Mailout.objects.get()
    assert len(token) == len(mailout.marks["unsubscribe"]) == 40
    assert token not in mailout.text + mailout.html + mailout.unsubscribe + repr(mailout.marks)


def test_lines_are_short_enough_for_any_server(blog: Blog, sue: Subscription, postbox: Postbox) -> None:
    post = make_post(blog, title="x" * 200, slug="y" * 200, body="z" * 5000 + " 日本語 " + "w" * 5000)
    mail = alert_for(post, postbox)
    assert all(len(line) <= 998 for line in mail.as_bytes().split(b"\n"))
    assert post.full_url() in mail.get_body(["plain"]).get_content()


def test_what_has_not_left_about_a_withdrawn_post_never_leaves(blog: Blog, sue: Subscription, send_mail) -> None:
    post = make_post(blog)
    raise_alerts()
    post.state = Post.State.WITHDRAWN
    post.save()
    raise_alerts()
    assert not send_mail()
    assert Mailout.objects.get().count_states() == {"cancelled": 1}


def test_a_clock_that_is_set_back_calls_nothing_off(blog: Blog, sue: Subscription) -> None:
    """For an hour, the post seems to be one that is still to come."""
    make_post(blog, published_at=timezone.now())
    raise_alerts()
    with time_machine.travel(timezone.now() - datetime.timedelta(hours=1)):
        raise_alerts()
    assert Mailout.objects.get().state == Mailout.State.READY


def test_what_has_not_left_about_a_post_that_was_put_off_never_leaves(blog: Blog, sue: Subscription) -> None:
    post = make_post(blog)
    raise_alerts()
    Post.objects.filter(pk=post.pk).update(published_at=timezone.now() + datetime.timedelta(hours=1))
    raise_alerts()
    assert Mailout.objects.get().state == Mailout.State.CANCELLED
