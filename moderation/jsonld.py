"""A post and its comments in the words of schema.org, for machines that read the page."""

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from blog.models import Post
from moderation.threads import TEXT, Said, Threads

# What could end the element or begin another, as Django's json_script has it; and line ends that JavaScript knows.
ESCAPES = {character: f"\\u{ord(character):04X}" for character in "<>&\u2028\u2029"}


def posting(post: Post, threads: Threads) -> SafeString:
    """A `<script>` of data, which no browser runs: the Content-Security-Policy has nothing to say about it."""
    data = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "@id": post.full_url(),
        "url": post.full_url(),
        "headline": post.title,
        "datePublished": post.published_at and post.published_at.isoformat(),
        "author": [{"@type": "Person", "name": author.name} for author in post.authors.all()],
        "publisher": {"@type": "Organization", "name": post.blog.organisation or post.blog.name},
        "commentCount": threads.count,
        "comment": _nested(post, threads),
    }
    words = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character, escaped in ESCAPES.items():
        words = words.replace(character, escaped)
    return mark_safe(f'<script type="application/ld+json">{words}</script>')  # noqa: S308 - escaped above


def _nested(post: Post, threads: Threads) -> list[dict[str, Any]]:
    """The public comments of this page, each below what it answers if that is here."""
    stem = post.blog.url("/comments/")
    told = {said.pk: _comment(said, f"{stem}{said.pk}/") for said in threads.said if said.is_public}
    top: list[dict[str, Any]] = []
    for said in threads.said:
        if said.is_public:
            host = told.get(said.parent or 0)
            (host.setdefault("comment", []) if host else top).append(told[said.pk])
    return top


def _comment(said: Said, url: str) -> dict[str, Any]:
    author = {"@type": "Person", "name": said.name}
    edited = {"dateModified": said.edited_at.isoformat()} if said.edited_at else {}
    return {
        "@type": "Comment",
        "url": url,
        "datePublished": said.at,
        **edited,
        "author": {**author, "jobTitle": said.official} if said.official else author,
        "text": f"{said.text[:TEXT]}…" if len(said.text) > TEXT else said.text,
    }
