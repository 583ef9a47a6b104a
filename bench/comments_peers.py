"""What bench.comments runs in the peers' own environment (bench/peers.txt): comments by what others publish.

As for us: their own WSGI application, called in this process, with requests that are ready before the clock starts.
"""

import importlib
import io
import json
import os
import resource
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

WORDS = "We tried the same thing last year and it took us {number} weeks. What helped was to ask people first. "
SENTENCES = 4
WARM_UP = 200  # requests that nobody measures: with its first hundred, a process loads what it needs once


def measure(app: Callable[..., Iterable[bytes]], requests: Iterable[dict[str, Any]], status: str) -> dict[str, float]:
    """Send these and return the CPU of this process in milliseconds a request. Each must be answered with `status`."""
    ready = list(requests)
    for environ in ready[:WARM_UP]:
        send(app, environ, status)
    before = resource.getrusage(resource.RUSAGE_SELF)
    for environ in ready[WARM_UP:]:
        send(app, environ, status)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"ms": cpu * 1000 / (len(ready) - WARM_UP)}


def send(app: Callable[..., Iterable[bytes]], environ: dict[str, Any], status: str) -> bytes:
    """One request to a WSGI application, as a server does it."""
    answered: list[str] = []
    answer = app(environ, lambda line, headers, error=None: answered.append(line))
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    assert answered[0].startswith(status), f"{answered[0]}: {body[:2000].decode(errors='replace')}"
    return body


def environ(path: str, body: bytes, kind: str, query: str = "", **more: str) -> dict[str, Any]:
    """A POST, as PEP 3333 has it."""
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **more,
    }


def text(number: int) -> str:
    return "".join(WORDS.format(number=number * SENTENCES + place) for place in range(SENTENCES))


def contrib(number: int) -> dict[str, float]:
    """django-contrib-comments on PostgreSQL, with the middleware of a new project; its own form, and no mail at all."""
    django_settings(os.environ["DATABASE_URL"])
    call, comments, forms, sites, wsgi = (
        importlib.import_module(name)
        for name in [
            "django.core.management",
            "django_comments.models",
            "django_comments.forms",
            "django.contrib.sites.models",
            "django.core.wsgi",
        ]
    )
    app = wsgi.get_wsgi_application()
    call.call_command("migrate", verbosity=0)
    about = sites.Site.objects.get(pk=1)

    def requests() -> Iterator[dict[str, Any]]:
        token = secrets.token_hex(16)
        hidden = forms.CommentSecurityForm(about).generate_security_data()
        for place in range(number + WARM_UP):
            written = {"name": f"Ann {place}", "email": f"ann{place}@example.org", "comment": text(place)}
            form = urlencode({**hidden, **written, "honeypot": "", "url": "", "csrfmiddlewaretoken": token}).encode()
            kind = "application/x-www-form-urlencoded"
            yield environ("/comments/post/", form, kind, HTTP_COOKIE=f"csrftoken={token}")

    found = measure(app, requests(), "302")
    return found | {"rows": comments.Comment.objects.count()}


def django_settings(database: str) -> None:
    """Those of `django-admin startproject`, and what django-contrib-comments' quick start adds."""
    conf, django, urls = (importlib.import_module(name) for name in ["django.conf", "django", "django.urls"])
    folder, _, name = database.removeprefix("postgresql://postgres@").rpartition("/")
    host = importlib.import_module("urllib.parse").unquote(folder)
    conf.settings.configure(
        SECRET_KEY="x" * 50,
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        SITE_ID=1,
        USE_TZ=True,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": name,
                "USER": "postgres",
                "HOST": host,
                "CONN_MAX_AGE": 60,
            }
        },
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.sites",
            "django_comments",
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()
    globals()["urlpatterns"] = [urls.path("comments/", urls.include("django_comments.urls"))]


def isso(number: int) -> dict[str, float]:
    """Isso on SQLite, which is all that it has; its limit of two comments a minute is off, and so is its mail."""
    package, config = importlib.import_module("isso"), importlib.import_module("isso.config")
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "isso.sqlite3"
        conf = config.load(config.default_file())
        conf.set("general", "dbpath", str(database))
        conf.set("general", "host", "http://localhost/")
        conf.set("guard", "enabled", "false")
        app = package.make_app(conf, threading=True)
        found = measure(app, isso_requests(number), "201")
        with importlib.import_module("sqlite3").connect(database) as connection:
            return found | {"rows": connection.execute("SELECT count(*) FROM comments").fetchone()[0]}


def isso_requests(number: int) -> Iterator[dict[str, Any]]:
    for place in range(number + WARM_UP):
        written = {"author": f"Ann {place}", "email": f"ann{place}@example.org", "text": text(place)}
        body = json.dumps({**written, "website": None, "parent": None, "title": "A post"}).encode()
        yield environ("/new", body, "application/json", query="uri=%2Fa-post%2F", HTTP_ORIGIN="http://localhost")


if __name__ == "__main__":
    acts = {"contrib": contrib, "isso": isso}
    print(json.dumps(acts[sys.argv[1]](int(sys.argv[2]))))
