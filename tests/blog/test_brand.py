"""What may not be shipped: the GOV.UK typeface, crown, images and blue are for gov.uk hosts. And what must be."""

import re
from pathlib import Path

import pytest
from django.conf import settings

BUILD = settings.BASE_DIR / "postbag" / "static" / "build"
TEMPLATES = sorted(settings.BASE_DIR.glob("*/templates/**/*.html"))
# Names that GOV.UK Frontend's own markup has and its style sheet says nothing of, and half names in our templates.
WITHOUT_STYLE = {
    "govuk-checkboxes__",
    "govuk-js-character-count",
    "govuk-radios__",
    "govuk-table__body",
    "govuk-table__row",
    "govuk-tag--blue",
    "govuk-template__footer",
    "govuk-template__header",
}
FORBIDDEN = ["GDS Transport", "@font-face", "crown", "crest", "1d70b8", "1a65a6", "url("]

pytestmark = pytest.mark.skipif(not BUILD.exists(), reason="the assets are not built: run make assets")


def built(pattern: str) -> list[Path]:
    return sorted(BUILD.rglob(pattern))


@pytest.mark.parametrize("words", FORBIDDEN)
def test_the_style_sheet_and_scripts_have_nothing_of_gov_uk(words: str) -> None:
    htmx = BUILD / "htmx.js"  # not of theirs; it reads a url() where a page has one
    for path in [*built("*.css"), *(path for path in built("*.js") if path != htmx), *built("*.svg")]:
        assert words.lower() not in path.read_text().lower(), path.name


def test_the_images_are_ours_alone() -> None:
    ours = {"favicon.svg", "icon-180.png", "share.png"}
    assert {path.name for path in built("*.*") if path.suffix not in {".css", ".js", ".txt", ""}} == ours


def test_each_module_that_a_script_loads_is_there() -> None:
    for path in built("*.js"):
        for address in re.findall(r"""(?:^import .* from |\[)'(\.[^']*)'""", path.read_text(), re.MULTILINE):
            assert (path.parent / address).is_file(), f"{path.name} loads {address}"


def test_each_class_of_gov_uk_frontend_in_a_template_has_a_style() -> None:
    style = (BUILD / "postbag.css").read_text().replace("\\!", "!")
    used = {name for path in TEMPLATES for name in re.findall(r"govuk-[\w!-]+[\w]", path.read_text())}
    assert {name for name in used - WITHOUT_STYLE if f".{name}" not in style} == set()
