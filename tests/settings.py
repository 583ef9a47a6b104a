"""Postbag's settings, as the tests need them: nothing reaches outside, and nothing is kept.

DATABASE_URL and REDIS_URL choose the stores, as ever; `python -m tests.stores` runs the tests on both kinds.
"""

import atexit
import os
import shutil
import tempfile
from urllib.parse import urlsplit

# Before the settings are read: tests that start real processes inherit it.
os.environ["POSTBAG_VAR"] = tempfile.mkdtemp(prefix="postbag-tests-")
atexit.register(shutil.rmtree, os.environ["POSTBAG_VAR"], ignore_errors=True)
if os.environ.get("REDIS_URL") and (worker := os.environ.get("PYTEST_XDIST_WORKER")):
    # Of Valkey's numbered databases, one for each of those who run tests at the same time.
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{int(worker[2:])}").geturl()

from postbag.settings import *  # noqa: E402, F403
from postbag.settings import CACHES, DATABASES, REDIS_URL, STORAGES, VAR  # noqa: E402

STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir()

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # hundreds of sign-ins: speed, not safety
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {}
if not REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in life: in memory, threads would share one connection, and none would ever wait for another.
    DATABASES["default"]["TEST"] = {"NAME": VAR / "test.sqlite3"}
