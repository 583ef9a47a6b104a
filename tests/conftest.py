"""What every test may ask for, and what no test may do."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from xdist.scheduler import LoadScopeScheduling

from blog import kept
from blog.models import Blog, PrivacyNotice
from mail.drain import drain


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """No page, no counter and no blog of another test."""
    cache.clear()
    kept.forget()
    yield


@pytest.fixture
def blog(db: None) -> Blog:
    """The blog at http://testserver, where Django's test client asks, with its privacy notice."""
    blog = Blog.objects.create(
        name="Digital blog",
        organisation="Department of Examples",
        address="http://testserver",
        from_email="blog@example.org",
    )
    PrivacyNotice(blog=blog, body="We keep your email address until your comment is decided.").save()
    return blog


@pytest.fixture
def notice(blog: Blog) -> PrivacyNotice:
    """The notice in force on `blog`."""
    return PrivacyNotice.objects.current(blog)


@pytest.fixture
def send_mail(db: None) -> Callable[[], list[EmailMultiAlternatives]]:
    """Sends all that is owed, and returns all mails sent so far in this test."""

    def send() -> list[EmailMultiAlternatives]:
        while drain():
            pass
        return django_mail.outbox  # type: ignore[attr-defined]

    return send


# Who runs what. With -n, a file is for one worker; so are all that need a browser, who share it and one instance.
# What takes longest begins first.


class Shares(LoadScopeScheduling):
    """Deals out files, not tests."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "browser" if "/browser/" in file else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares | None:
    return Shares(config, log) if config.getoption("dist") == "loadscope" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: (not item.get_closest_marker("browser"), not item.get_closest_marker("processes")))


# Skips. A test that needs PostgreSQL is skipped on SQLite and runs in the other half of `make test`. Any
# other skip is a hole: with POSTBAG_REQUIRE_ALL=1, as in CI, it fails, unless it is marked `may_skip`.

ALLOWED = {"postgres", "may_skip"}


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: the other half of make test has it")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and not any(map(item.get_closest_marker, ALLOWED)):
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[pytest.CollectReport]:
    report = yield
    if report.skipped:
        _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("POSTBAG_REQUIRE_ALL") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped, and POSTBAG_REQUIRE_ALL=1 allows no skip: {report.longrepr}"
