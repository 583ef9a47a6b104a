"""The journeys' stage: one running instance, one chromium, and people who meet there.

Fixtures last for this folder, not for the session: Playwright keeps an event loop, and Django refuses its database
to a thread that has one.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.browser.instance import Instance, build_assets
from tests.browser.people import JUDGES, Person

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]
# The two ends of what people have: a wide window with script, and a telephone without.
SIZES: dict[bool, ViewportSize] = {True: {"width": 1280, "height": 800}, False: {"width": 320, "height": 640}}
# Each journey in both, and once more on the other stores, which know nothing of windows.
WITH_SCRIPT = [True, False] if JUDGES else [True]

Kind = TypeVar("Kind", bound=Person)
Meet = Callable[..., Kind]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium. On Debian: apt-get install chromium fonts-liberation")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def instance(chromium: Browser) -> Iterator[Instance]:
    """Postbag as `make run` runs it."""
    build_assets()
    with tempfile.TemporaryDirectory(prefix="postbag-browser-") as folder:
        instance = Instance.start(Path(folder))
        try:
            yield instance
        finally:
            instance.stop()


@pytest.fixture(params=WITH_SCRIPT, ids=lambda script: "script" if script else "no_script")
def script(request: pytest.FixtureRequest) -> bool:
    """Whether scripts run in the browsers of the people in this test, who then have wide windows."""
    return request.param


@pytest.fixture
def meet_at(chromium: Browser, instance: Instance) -> Iterator[Meet]:
    """meet_at(script, Reader, "Ann"): a person with a browser of their own, who leaves nothing behind in it."""
    people: list[Person] = []

    def meet(script: bool, kind: type[Kind], name: str) -> Kind:
        people.append(somebody(kind, name, chromium, instance, script, SIZES[script]))
        return people[-1]

    yield meet
    for person in people:
        person.leaves()


@pytest.fixture
def meet(meet_at: Meet, script: bool) -> Meet:
    """meet(Reader, "Ann"): once with script and once without."""
    return partial(meet_at, script)


def somebody(
    kind: type[Kind], name: str, chromium: Browser, instance: Instance, script: bool, size: ViewportSize
) -> Kind:
    """A person with a new browser."""
    context = chromium.new_context(base_url=instance.url, java_script_enabled=script, viewport=size, locale="en-GB")
    return kind(name, context, instance, script)
