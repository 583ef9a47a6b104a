"""Markdown to HTML that is safe to show, and the plain words of its first paragraph."""

import html
import re

import nh3
from django.utils.html import strip_tags
from markdown_it import MarkdownIt

_renderer = MarkdownIt("commonmark", {"html": False, "linkify": True}).enable(["linkify", "table"])

TAGS = set("p br hr h2 h3 h4 h5 ul ol li a strong em code pre blockquote table thead tbody tr th td img".split())
ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}


def render_markdown(text: str) -> str:
    """`text` as HTML: no raw HTML passes, and what Markdown made is sanitised after.

    A first-level heading becomes a second-level one, because the page's own title is the first.
    """
    made = re.sub(r"<(/?)h1>", r"<\1h2>", _renderer.render(text))
    return nh3.clean(made, tags=TAGS, attributes=ATTRIBUTES, link_rel="noopener")


def excerpt(body_html: str) -> str:
    """The first paragraph of `body_html` as plain text."""
    found = re.search(r"<p>(.*?)</p>", body_html, re.DOTALL)
    return html.unescape(strip_tags(found[1])).strip() if found else ""
