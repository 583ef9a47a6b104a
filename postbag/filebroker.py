"""Celery's file broker without its races.

As it comes (kombu 5.7), a worker may take a message between the making of its file and the writing into it, and then
ends with a JSONDecodeError (kombu issue 1551); and two processes that start together may garble a routing table, for
good. Here a file has its name only when it is whole, and one lock is held around every look at a table.
"""

import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Queues as files in folders."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for folder in (self.data_folder_in, self.data_folder_out):
            Path(folder).mkdir(parents=True, exist_ok=True)

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # kombu differs with itself
        """Write a message, then give it the name that workers look for: they sort by it. Raises OSError."""
        name = Path(self.data_folder_out) / f"{time.monotonic_ns():020}_{uuid.uuid4()}.{queue}.msg"
        unfinished = name.with_suffix(".unfinished")
        unfinished.write_text(dumps(payload))
        unfinished.rename(name)

    def get_table(self, exchange: str) -> list[Any]:
        with self._alone():
            return super().get_table(exchange)

    def _queue_bind(self, *args: Any) -> None:
        with self._alone():
            super()._queue_bind(*args)

    def _delete(self, *args: Any, **kwargs: Any) -> None:
        with self._alone():
            super()._delete(*args, **kwargs)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.control_folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.control_folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)  # which also gives the lock back


class Transport(filesystem.Transport):
    """`filesystem://` in CELERY_BROKER_URL."""

    Channel = Channel


TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
