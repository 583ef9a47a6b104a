"""Every kind of page a reader meets is valid HTML, by html-validate."""

import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client

from blog.models import Blog
from tests.factories import make_author, make_category, make_post

FRONTEND = settings.BASE_DIR / "frontend"
VALIDATOR = FRONTEND / "node_modules/html-validate/bin/html-validate.mjs"
NODE = settings.BASE_DIR / ".venv/bin/node"
LISTS = ["/", "/?page=2", "/category/capability/", "/author/priya-nair/"]
ABOUT = ["/privacy/", "/cookies/", "/accessibility/", "/guidelines/", "/subscribe/", "/desk/sign-in/", "/nothing/"]
BODY = (
    "# One\n\nTwo [three](/subscribe/).\n\n- four\n\n> five\n\n| a | b |\n|---|---|\n| c | d |\n\n![e](/static/e.png)"
)


@pytest.mark.skipif(not VALIDATOR.exists(), reason="html-validate is not installed: run make assets")
def test_the_pages_are_valid_html(blog: Blog, client: Client, tmp_path: Path) -> None:
    blog.about = "We like *rivers*."
    blog.save()
    by, about = [make_author(blog, biography="She writes.")], [make_category(blog, description="What we can do")]
    posts = [make_post(blog, by, about, title=f"Post & {number}", body=BODY) for number in range(12)]
    post = posts[6].get_absolute_url()
    pages = {path: client.get(path).text for path in [post, *LISTS, *ABOUT]}
    pages["comment with errors"] = client.post(f"{post}comments/", {"name": "<b>", "comment": ""}).text
    pages["sign-up with errors"] = client.post("/subscribe/", {"email": "ann"}).text
    pages |= {name: render_to_string(f"{name}.html") for name in ["400", "403", "403_csrf", "500"]}
    validate(pages, tmp_path)


def validate(pages: dict[str, str], folder: Path) -> None:
    """All at once: a start of node takes longer than the checks."""
    for number, page in enumerate(pages.values()):
        (folder / f"{number}.html").write_text(page)
    command = [NODE, VALIDATOR, "--config", FRONTEND / ".htmlvalidate.json", "--formatter", "text", folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{dict(enumerate(pages))}\n{done.stdout}{done.stderr}"
