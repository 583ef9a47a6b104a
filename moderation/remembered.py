"""The cookie by which a browser that proved an address needs no second mail for it. It says no more than that.

It is sealed, sent to the comment form's own address only, and holds a keyed hash of blog and address, and the time.
"""

import hashlib
import hmac
import struct
import time
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpResponse

from blog.models import Blog
from blog.views import BlogRequest
from moderation.models import Comment
from postbag import tokens

PATH = "/comments/new/"
PURPOSE = "proved-address"
_PAYLOAD = struct.Struct(">16sQ")


def remember(response: HttpResponse, comment: Comment) -> None:
    """Let the browser that gets this response write from the address of `comment` without a mail."""
    payload = _PAYLOAD.pack(_hash(comment.post.blog, comment.address), int(time.time()))
    response.set_cookie(
        settings.PROOF_COOKIE_NAME,
        tokens.seal(PURPOSE, payload),
        max_age=settings.PROOF_DAYS * 86400,
        path=PATH,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Strict",
    )


def forget(response: HttpResponse) -> None:
    """Take the cookie back."""
    response.set_cookie(
        settings.PROOF_COOKIE_NAME, "", max_age=0, path=PATH, secure=settings.HTTPS, httponly=True, samesite="Strict"
    )


def proves(request: BlogRequest, address: str) -> bool:
    """Whether this browser proved this address on this blog lately, and nothing came between."""
    cookie = request.COOKIES.get(settings.PROOF_COOKIE_NAME)
    payload = tokens.unseal(PURPOSE, cookie) if cookie else None
    if payload is None or len(payload) != _PAYLOAD.size:
        return False
    proved, seconds = _PAYLOAD.unpack(payload)
    is_fresh = 0 <= time.time() - seconds < settings.PROOF_DAYS * 86400
    return (
        hmac.compare_digest(proved, _hash(request.blog, address))
        and is_fresh
        and Comment.objects.uphold_proof(request.blog, address, datetime.fromtimestamp(seconds, tz=UTC))
    )


def _hash(blog: Blog, address: str) -> bytes:
    """Of the whole address, not of its mailbox: elsewhere than at Gmail, ann+tag may be somebody else than ann."""
    words = f"{PURPOSE}\0{blog.pk}\0{address.lower()}".encode()
    return hmac.digest(settings.MAILBOX_KEY.encode(), words, hashlib.sha256)[:16]
