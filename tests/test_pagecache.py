"""postbag/pagecache.py: one rendering for everybody, and a cache that is away costs no page."""

import pytest
from django.test import RequestFactory

from postbag import pagecache


class Counted:
    """Renders “page 1”, “page 2” and so on."""

    times = 0

    def __call__(self) -> str:
        self.times += 1
        return f"page {self.times}"


@pytest.fixture
def render() -> Counted:
    return Counted()


def asked(path: str = "/", **headers: str):
    return RequestFactory().get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_page_is_rendered_once(render: Counted) -> None:
    pages = [pagecache.page(asked(), "1", render).text for _ in range(3)]
    assert pages == ["page 1"] * 3


@pytest.mark.parametrize(
    ("path", "version", "variant"),
    [("/x", "1", ""), ("/", "2", ""), ("/", "1", "2"), ("/:", "1", ""), ("/", "1:/", "")],
)
def test_another_path_version_or_variant_is_another_page(
    render: Counted, path: str, version: str, variant: str
) -> None:
    pagecache.page(asked("/"), "1", render)
    assert pagecache.page(asked(path), version, render, variant).text == "page 2"


def test_a_query_is_not(render: Counted) -> None:
    pagecache.page(asked("/"), "1", render)
    assert pagecache.page(asked("/?x=1"), "1", render).text == "page 1"


def test_another_release_is_another_page(render: Counted, settings) -> None:
    first = pagecache.page(asked(), "1", render)
    settings.RELEASE = "next"
    second = pagecache.page(asked(), "1", render)
    assert second.text == "page 2" and second["ETag"] != first["ETag"]


@pytest.mark.parametrize("held", ["{}", "W/{}", '"x", {}', "*"])
def test_304_when_the_browser_has_it(render: Counted, held: str) -> None:
    etag = pagecache.page(asked(), "1", render)["ETag"]
    answer = pagecache.page(asked(If_None_Match=held.format(etag)), "1", render)
    assert answer.status_code == 304 and not answer.content


def test_200_when_it_has_another(render: Counted) -> None:
    assert pagecache.page(asked(If_None_Match='"x"'), "1", render).status_code == 200


def test_what_cannot_be_rendered_is_not_kept(render: Counted) -> None:
    def fail() -> str:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        pagecache.page(asked(), "1", fail)
    assert pagecache.page(asked(), "1", render).text == "page 1"


def test_without_a_cache_every_page_is_rendered(render: Counted, settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
            "OPTIONS": {"socket_connect_timeout": 1},
        }
    }
    pages = [pagecache.page(asked(), "1", render).text for _ in range(2)]
    assert pages == ["page 1", "page 2"]


def test_an_empty_page_is_a_page(render: Counted) -> None:
    pagecache.page(asked("/empty"), "1", lambda: "")
    assert pagecache.page(asked("/empty"), "1", render).text == ""
