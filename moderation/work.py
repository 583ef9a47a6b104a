"""Proof of work in the place of a puzzle, by the ALTCHA protocol (PoW v2): a second of a browser, unseen.

Each challenge is for one post, for some hours, and its answer counts once.
"""

import base64
import datetime
import hashlib
import json
import secrets
from typing import Any

from altcha import v2
from django.conf import settings
from django.utils import timezone

from blog.models import Post
from mail import budgets

COST = 5_000  # PBKDF2 iterations of one try
TRIES = (100, 300)  # from … to: a third of a second on a desk, three on an old telephone
HOURS = 6  # a slow writer's challenge still counts
LONGEST = 4_000  # characters of an answer: it has about 700


def challenge(post: Post) -> dict[str, Any]:
    """What a browser has to solve: the number, below `tries`, whose derived key begins as `keyPrefix` says."""
    made = v2.create_challenge(
        "PBKDF2/SHA-256",
        COST,
        counter=TRIES[0] + secrets.randbelow(TRIES[1] - TRIES[0]),
        expires_at=timezone.now() + datetime.timedelta(hours=HOURS),
        data={"post": post.pk, "tries": TRIES[1]},
        hmac_secret=_secret("challenge"),
        hmac_key_secret=_secret("key"),
    )
    return made.to_dict()


def is_done(post: Post, answer: str) -> bool:
    """Whether `answer` solves a challenge of ours for `post` that is still in time, for the first time."""
    if not answer or len(answer) > LONGEST:
        return False
    known = v2.verify_solution(answer, _secret("challenge"), hmac_key_secret=_secret("key"))
    if not known.verified:
        return False
    parameters = json.loads(base64.b64decode(answer))["challenge"]["parameters"]
    until = datetime.datetime.fromtimestamp(parameters["expiresAt"], tz=datetime.UTC)
    return parameters["data"]["post"] == post.pk and budgets.once("proof", parameters["nonce"], until)


def _secret(use: str) -> bytes:
    return hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=f"postbag {use}".encode()[:16]).digest()
