"""What `bench.mail` has done in processes of their own: `python -m bench.mail_acts ACT MAILS`. Prints JSON."""

import json
import os
import resource
import signal
import smtplib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postbag.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.mail.backends.smtp import EmailBackend  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from bench.letters import deliveries, letter  # noqa: E402
from blog.models import Blog, PrivacyNotice  # noqa: E402
from mail.drain import drain  # noqa: E402
from mail.mime import Mould  # noqa: E402
from mail.models import Lane, Mailout  # noqa: E402
from mail.smtp import compose  # noqa: E402
from sharing.models import Subscription  # noqa: E402

WARM = 3  # sign-ups that do not count
SUBSCRIBE = """
    INSERT INTO sharing_subscription
        (blog_id, address, mailbox, state, notice_id, asked_at, mailed_at, ended_reason)
    SELECT %s, 'reader' || n || '@example.org', lpad(to_hex(n), 16, '0'), 'confirmed', %s, now(), now(), ''
    FROM generate_series(1, %s) n
"""


def migrate(_mails: int) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    return {}


def audience(mails: int) -> dict[str, Any]:
    """A blog with so many confirmed subscriptions."""
    blog = Blog.objects.create(name=f"Blog {mails}", address=f"http://b{mails}.example.org", from_email="a@example.org")
    notice = PrivacyNotice(blog=blog, body="Notice")
    notice.save()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(SUBSCRIBE, [blog.pk, notice.pk, mails])
        cursor.execute("ANALYZE")
    return {}


def freeze(mails: int) -> dict[str, Any]:
    """A mailout to all of them."""
    mailout = letter()
    mailout.pk = None
    began = time.perf_counter()
    mailout.save()
    mailout.freeze(Subscription.objects.confirmed().filter(blog=Blog.objects.latest("pk")))
    assert mailout.prepared == mails
    return {"seconds": time.perf_counter() - began}


def sign_up(_mails: int) -> dict[str, Any]:
    """Others sign up for the same alerts, one after the other, until SIGTERM: how long the slowest waits."""
    blog, ended, waits = Blog.objects.latest("pk"), Event(), []
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    client, form = Client(HTTP_HOST=blog.address.removeprefix("http://")), {"notice": blog.notices.get().pk}
    while not ended.is_set():
        began = time.perf_counter()
        answer = client.post("/subscribe/", form | {"email": f"new{len(waits)}@example.net"})
        waits.append(time.perf_counter() - began)
        assert answer.status_code == 302, answer.text
        if len(waits) == WARM:
            print("ready", flush=True)
    Mailout.objects.filter(lane=Lane.NOW).delete()  # only the mailout is measured
    return {"sign_ups": len(waits) - WARM, "longest": max(waits[WARM:])}


def drain_all(_mails: int) -> dict[str, Any]:
    """As the worker does: slices until it is dry."""
    began, worked = time.perf_counter(), time.process_time()
    while drain(seconds=20):
        pass
    seconds = time.perf_counter() - began
    assert not Mailout.objects.unbalanced() and not Mailout.objects.filter(state__in=Mailout.ACTIVE).exists()
    cpu = {"sender": time.process_time() - worked, "database": database_worked()}
    return {"seconds": seconds, "cpu": cpu, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


def database_worked() -> float:
    """Seconds of a processor that the database spent on our connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ran = Path(f"/proc/{cursor.fetchone()[0]}/schedstat").read_text().split()[0]
    return int(ran) / 1e9


def by_django(mails: int) -> dict[str, Any]:
    """Django's send_messages on one kept connection; each mail is built for its recipient."""
    backend = EmailBackend(host="127.0.0.1", port=settings.EMAIL_PORT)
    backend.open()
    began = time.perf_counter()
    for row in deliveries(letter(), mails):
        backend.send_messages([compose(row)])
    return {"seconds": time.perf_counter() - began}


def by_smtplib(mails: int) -> dict[str, Any]:
    """smtplib on one kept connection, with ready-made copies."""
    mailout = letter()
    mould = Mould(mailout)
    copies = [mould.cast(row) for row in deliveries(mailout, mails)]
    with smtplib.SMTP("127.0.0.1", settings.EMAIL_PORT) as smtp:
        began = time.perf_counter()
        for number, content in enumerate(copies):
            smtp.sendmail("blog@example.org", [f"reader{number}@example.org"], content)
        return {"seconds": time.perf_counter() - began}


ACTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "migrate": migrate,
    "audience": audience,
    "freeze": freeze,
    "sign_up": sign_up,
    "drain": drain_all,
    "django": by_django,
    "smtplib": by_smtplib,
}

if __name__ == "__main__":
    print(json.dumps(ACTS[sys.argv[1]](int(sys.argv[2]))))
