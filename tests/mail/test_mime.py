"""The bytes that a mould casts say what Python's own email package would have said, for any words and names."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import formataddr, parseaddr
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mail.mime import Mould
from mail.models import Delivery, Lane, Mailout
from postbag import tokens

STRICT = policy.default.clone(raise_on_defect=True)
MARKS = {"unsubscribe": "unsubscribe2unsubscribe2unsubscribe2unsu", "stop": "stop7stop7stop7stop7stop7stop7stop7stop7"}
LINK = f"https://blog.example.org/unsubscribe/{MARKS['unsubscribe']}/"
STOP = f"https://blog.example.org/mail/stop/{MARKS['stop']}/"

COMMON = set(
    "To Message-ID From Subject Date Auto-Submitted X-Auto-Response-Suppress MIME-Version Content-Type".split()
)
BULK = COMMON | set("Precedence Feedback-ID List-Id List-Unsubscribe List-Unsubscribe-Post".split())

letters = st.characters(codec="utf-8", exclude_categories=["Cs"])
strange = st.sampled_from(
    [
        "🙂",
        "👩‍👩‍👧",
        "שלום",
        "مرحبا",
        "\u202e",
        "=?utf-8?q?x?=",
        "\r\nBcc: all@example.org\r\n",
        "\n.\n",
        ".",
        "=",
        " \n",
        "From ",
    ]
)
runs = st.sampled_from(["x", "é", " "]).flatmap(lambda letter: st.integers(60, 1100).map(letter.__mul__))
subjects = st.lists(st.text(letters, max_size=30) | strange, max_size=9).map("".join)
bodies = st.lists(st.text(letters, max_size=30) | strange | runs | st.sampled_from([LINK, STOP]), max_size=12).map(
    "".join
)
names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=60)


def mailout(**fields: Any) -> Mailout:
    """An alert with marks in all its parts."""
    said = {"kind": "alert", "lane": Lane.ALERT, "sender": "Blog <blog@example.org>", "subject": "A post"}
    bodies = {"text": f"Read it.\n{LINK}\n", "html": f'<a href="{LINK}">Unsubscribe</a>', "unsubscribe": LINK}
    return Mailout(**{"pk": 7, "marks": dict(MARKS), "list_id": "<alerts.example.org>", **said, **bodies, **fields})


def delivery(mailout: Mailout, **fields: Any) -> Delivery:
    """One owed to Sue."""
    return Delivery(
        **{
            "pk": 9,
            "mailout": mailout,
            "address": "sue@example.org",
            "about": 5,
            "mailbox": "00000000000000ff",
            **fields,
        }
    )


def cast(mailout: Mailout, **fields: Any) -> bytes:
    return Mould(mailout).cast(delivery(mailout, **fields))


def parsed(content: bytes) -> EmailMessage:
    """Read strictly: any defect raises."""
    return message_from_bytes(content, policy=STRICT)  # type: ignore[return-value]


def part(message: EmailMessage, kind: str) -> list[str]:
    """The lines of a part; spaces at its end do not count."""
    body = message.get_body([kind])  # type: ignore[list-item]
    assert body is not None
    return re.split(r"\r\n|\r|\n", body.get_content())


def by_python(mailout: Mailout, delivery: Delivery) -> EmailMessage:
    """The same mail, built by the email package for this one recipient; but for the subject, where it loses spaces."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = mailout.sender, delivery.address
    message["Message-ID"] = delivery.message_id
    message.set_content(personal(mailout.text), cte="base64")
    message.add_alternative(personal(mailout.html), subtype="html", cte="base64")
    return parsed(message.as_bytes())


def sender(message: EmailMessage) -> tuple[str, str]:
    """Read by the older parser: the newer puts a space between two encoded words of a name, against RFC 2047."""
    name, address = parseaddr(policy.compat32.header_fetch_parse("From", dict(message.raw_items())["From"]))
    return str(make_header(decode_header(name))), address


def one_line(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())


def personal(text: str) -> str:
    return text.replace(MARKS["unsubscribe"], tokens.make("unsubscribe", 5)).replace(
        MARKS["stop"], tokens.make("stop", 255)
    )


@settings(deadline=None, max_examples=60)
@given(subject=subjects, text=bodies, html=bodies, name=names)
@example(subject="=?utf-8?q?x?=", text=".\n..\n", html="\r\n.\r\n", name='Ann "Sue" \\ Lee, (x)')
@example(subject="z" * 300, text="é" + "x" * 500 + LINK * 20, html="= \t\n", name="=?x")
def test_a_cast_says_what_pythons_own_message_says(subject: str, text: str, html: str, name: str) -> None:
    letter = mailout(subject=subject, text=text, html=html + "<p>", sender=formataddr((name, "blog@example.org")))
    ours, theirs = parsed(cast(letter)), by_python(letter, delivery(letter))
    for header in ("To", "Message-ID"):
        assert ours[header] == theirs[header]
    assert ours["Subject"] == one_line(subject)
    assert sender(ours) == (one_line(name), "blog@example.org")
    assert part(ours, "plain") == part(theirs, "plain")
    assert part(ours, "html") == part(theirs, "html")


@settings(deadline=None, max_examples=60)
@given(subject=subjects, text=bodies, html=bodies, name=names)
def test_every_cast_is_7bit_with_short_lines_and_no_header_from_outside(
    subject: str, text: str, html: str, name: str
) -> None:
    content = cast(
        mailout(subject=subject, text=text, html=html + "<p>", sender=formataddr((name, "blog@example.org")))
    )
    assert content.isascii() and content.endswith(b"\r\n")
    assert content.count(b"\r\n") == content.count(b"\r") == content.count(b"\n")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert set(parsed(content).keys()) == BULK


def test_a_confirmation_has_no_header_of_bulk_mail() -> None:
    content = cast(mailout(lane=Lane.NOW, list_id="", unsubscribe=""))
    assert set(parsed(content).keys()) == COMMON


def test_one_click_is_an_address_with_the_recipients_own_token() -> None:
    message = parsed(cast(mailout(text="x", html="", unsubscribe=LINK + "long" * 60)))
    link, token = message["List-Unsubscribe"], message["List-Unsubscribe"].split("/")[4]
    assert link == f"<https://blog.example.org/unsubscribe/{token}/{'long' * 60}>"
    assert tokens.read("unsubscribe", token) == (5, 0)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("filling", ["plain\n", "naïve=\n", "é" * 31, "x" * 1001, "x" * 54 + "=" * 8])
def test_no_mark_survives_and_no_line_changes_its_length(filling: str) -> None:
    letter = mailout(text=filling + LINK + STOP * 3 + filling, html=f"<p>{(filling + LINK) * 9}</p>")
    first, second = (cast(letter, about=about, mailbox=f"{about:016x}") for about in (1, 2))
    assert first != second
    assert [len(line) for line in first.split(b"\r\n")] == [len(line) for line in second.split(b"\r\n")]
    assert not any(mark.encode() in first for mark in MARKS.values())
    assert first.count(tokens.make("unsubscribe", 1).encode()) == 11


def test_a_repeated_mail_is_the_same_to_the_byte() -> None:
    letter = mailout(created_at=parsed(cast(mailout()))["Date"].datetime)
    assert cast(letter) == cast(letter)
    assert parsed(cast(letter))["Message-ID"] == delivery(letter).message_id == "<7.9@example.org>"


def test_a_mail_may_have_no_html() -> None:
    message = parsed(cast(mailout(html="")))
    assert message.get_content_type() == "text/plain" and message.get_content().startswith("Read it.")


def test_domains_are_sent_in_ascii() -> None:
    letter = mailout(sender="Bücher <blog@bücher.example>")
    content = cast(letter)
    assert content.isascii()
    assert sender(parsed(content)) == ("Bücher", "blog@xn--bcher-kva.example")
    assert parsed(content)["Message-ID"] == "<7.9@xn--bcher-kva.example>"
    assert Mould(letter).return_path(delivery(letter)) == "blog@xn--bcher-kva.example"


def test_an_address_beyond_ascii_is_written_as_it_is() -> None:
    """RFC 6532: the sender asks for SMTPUTF8 where this is so."""
    content = cast(mailout(), address="zoë@example.org")
    assert content.startswith("To: zoë@example.org\r\n".encode())


def test_a_list_may_have_a_name() -> None:
    message = parsed(cast(mailout(list_id="Blög, the <alerts.example.org>")))
    assert message["List-Id"] == "Blög, the <alerts.example.org>"


@pytest.mark.parametrize(
    "address",
    ["", "ann", "erased 12", "a@b\r\nBcc: all@example.org", "a@b\n", "a b@c", "<a@b>", "a@b,c@d", 'a"b@c', "a@b\x00"],
)
def test_no_mail_is_made_for_what_is_no_address(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        cast(mailout(), address=address)


def test_a_code_is_narrower_than_its_mark_and_as_wide_as_any_other() -> None:
    mark = "code2code2code2code2code2code2code2code2"
    letter = mailout(
        text=f"naïve\n\n{mark}\n" + "x" * 70 + mark,
        html=f"<p>é{mark}</p>",
        marks={"comment-code": mark},
        unsubscribe="",
    )
    first, second = (cast(letter, about=about) for about in (1, 2))
    assert [len(line) for line in first.split(b"\r\n")] == [len(line) for line in second.split(b"\r\n")]
    assert mark.encode() not in first and f"\n{tokens.code('comment-code', 1)}\r\n".encode() in first
