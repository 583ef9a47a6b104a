"""The broker of the embedded default: no worker may end because two processes were there at once."""

import threading
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from postbag import filebroker


@pytest.fixture
def channel(tmp_path: Path) -> filebroker.Channel:
    return connect(tmp_path)


def connect(folder: Path) -> filebroker.Channel:
    (folder / "messages").mkdir(exist_ok=True)
    options = {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "control_folder": str(folder / "control"),
    }
    return Connection("filesystem://localhost", transport_options=options).channel()


def test_messages_come_out_as_they_went_in(channel: filebroker.Channel) -> None:
    for number in range(3):
        channel._put("mail.bulk", {"number": number})
    channel._put("now", {"number": 9})
    assert [channel._get("mail.bulk")["number"] for _ in range(3)] == [0, 1, 2]
    assert channel._get("now") == {"number": 9}
    with pytest.raises(Empty):
        channel._get("now")


def test_a_worker_that_looks_while_a_message_is_written_sees_nothing(channel: filebroker.Channel) -> None:
    looked = []

    class Payload:
        def __json__(self) -> Any:
            with pytest.raises(Empty):
                channel._get("now")
            looked.append("while it was being written")
            return {"number": 1}

    channel._put("now", Payload())
    assert looked
    assert channel._get("now") == {"number": 1}


def test_processes_that_start_together_do_not_garble_the_table(tmp_path: Path) -> None:
    queues = [f"queue-{number}" * number for number in range(1, 9)]
    for round_ in range(20):
        start = threading.Barrier(len(queues))

        def bind(queue: str, start: threading.Barrier = start, exchange: str = f"exchange-{round_}") -> None:
            channel = connect(tmp_path)
            start.wait()
            channel._queue_bind(exchange, queue, "", queue)

        threads = [threading.Thread(target=bind, args=[queue]) for queue in queues]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        table = connect(tmp_path).get_table(f"exchange-{round_}")
        assert sorted(row.queue for row in table) == sorted(queues)
