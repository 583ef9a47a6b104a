"""Plain links that share a post: no script, no counter, nobody told before the reader chooses."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from blog.models import Post


@dataclass(frozen=True)
class ShareLink:
    """One place to share to. `target` is its name in the API; `new_tab` says whether it leaves this site."""

    target: str
    label: str
    url: str
    new_tab: bool = True


def share_links(post: Post) -> list[ShareLink]:
    """Where a post can be shared, in the order that the page shows."""
    url, title = post.full_url(), post.title
    both = f"{title} {url}"
    return [
        ShareLink("x", "X (formerly Twitter)", _query("https://twitter.com/intent/tweet", url=url, text=title)),
        ShareLink("facebook", "Facebook", _query("https://www.facebook.com/sharer/sharer.php", u=url)),
        ShareLink("linkedin", "LinkedIn", _query("https://www.linkedin.com/shareArticle", url=url)),
        ShareLink("whatsapp", "WhatsApp", _query("https://wa.me/", text=both)),
        ShareLink("bluesky", "Bluesky", _query("https://bsky.app/intent/compose", text=both)),
        # Mastodon's own page, where readers choose their server. The text stands after #: no server sees it.
        ShareLink("mastodon", "Mastodon", f"https://share.joinmastodon.org/#text={quote(both, safe='')}"),
        ShareLink("email", _("Email"), _mailto(post), new_tab=False),
    ]


def _query(address: str, **parameters: str) -> str:
    return f"{address}?{urlencode(parameters, quote_via=quote, safe='')}"


def _mailto(post: Post) -> str:
    """RFC 6068: spaces are %20, lines end in CRLF."""
    subject = _("I wanted to share this post with you from %(blog)s") % {"blog": post.blog.name}
    body = f"{post.title}\r\n\r\n{post.full_url()}"
    return f"mailto:?subject={quote(subject, safe='')}&body={quote(body, safe='')}"
