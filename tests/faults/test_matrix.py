"""What may fail, and that nobody is missed: with real processes, on either kind of stores (docs/mail.md).

Those marked `matrix` run with `make faults`, the others with every `make test`.
"""

import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from mail.models import Delivery, Mailout, Suppression
from sharing.models import Subscription
from tests.faults.world import CONNECTIONS, LEASE, WINDOW, Task, World

pytestmark = pytest.mark.processes
matrix = pytest.mark.matrix
State = Delivery.State
HOUR, DAY = 3600, 86400  # seconds


# kill -9


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=matrix) for seed in (1, 2, 3))])
def test_worker_killed_five_times_at_random(world: World, seed: int) -> None:
    lot = random.Random(seed)  # noqa: S311 - the same moments each time
    world.start_worker()
    task = world.publish(readers=300)
    for moment in sorted(lot.sample(range(250), 5)):
        world.has_seen(task, moment)
        time.sleep(lot.random() / 20)
        world.replace(lot.choice(world.workers))
    world.verdict(task, repeats=5 * WINDOW)


def test_killed_after_the_hand_over_and_before_the_first_byte(world: World) -> None:
    world.sink.tell(signal.SIGSTOP)
    task = world.publish()
    world.until(world.handed)
    world.replace(world.workers[0])
    world.sink.tell(signal.SIGCONT)
    world.verdict(task, repeats=0)


@matrix
def test_killed_in_the_midst_of_a_mail(world: World) -> None:
    world.serve("content=hang/7")
    task = world.publish()
    world.has_seen(task, 6)
    world.replace(world.workers[0])
    world.serve()
    world.verdict(task, repeats=WINDOW)


def test_killed_after_the_answers_and_before_they_are_settled(world: World) -> None:
    """The one moment that no protocol can close: this is the window, and it is bounded."""
    task = world.publish(letters=0)
    world.has_seen(task, 1)
    with world.locked_ledger():
        accepted = 0
        while accepted < (accepted := world.seen(task).total()):
            time.sleep(0.5)
        world.kill(world.workers[0])
    world.start_worker()
    assert world.verdict(task, repeats=WINDOW) > 0


@matrix
def test_killed_after_it_settled_and_before_it_closed(world: World) -> None:
    task = world.publish(readers=12, letters=0)
    world.until(lambda: not task.mailout.deliveries.filter(state__in=Delivery.OPEN).exists())
    world.replace(world.workers[0])
    world.verdict(task, repeats=0)


@matrix
@pytest.mark.parametrize(
    ("states", "fault", "ends"),
    [
        ("frozen sending handed", "rcpt=450/7", State.ACCEPTED),
        ("accepted deferred pending", "rcpt=450/7", State.ACCEPTED),
        ("rejected done", "rcpt=550@reader1@", State.REJECTED),
        ("uncertain", "content=reset@reader1@", State.UNCERTAIN),
    ],
)
def test_killed_at_every_arrow(world: World, tmp_path: Path, states: str, fault: str, ends: str) -> None:
    """In the midst of the statement that brings something to this state, and right after it; then the next goes on."""
    deaths = [f"{when} {state}\n" for state in states.split() for when in ("before", "after")]
    file = tmp_path / "arrows"
    file.write_text("".join(deaths))
    world.replace_all("tests.faults.deadly", POSTBAG_TEST_ARROWS=str(file), POSTBAG_MAIL_LEASE_SECONDS="4")
    try:
        world.serve(fault)
        task = world.publish(by_clock=True)
        for number in range(1, len(deaths) + 1):
            world.until(lambda: world.workers[0].poll() is not None)
            assert file.read_text() == "".join(deaths[number:])
            world.replace(world.workers[0])
        world.finish()
    finally:
        world.replace_all()
    struck = task.mailout.deliveries.get(address=f"reader1@{task.domain}")
    assert struck.state == ends
    if ends != State.ACCEPTED:
        task.refused = {struck.address}
    world.verdict(task, repeats=len(deaths) * WINDOW)


@matrix
def test_a_worker_that_sleeps_beyond_its_lease_does_no_harm(world: World) -> None:
    task = world.publish(readers=200)
    world.has_seen(task, 20)
    sleeper = world.workers[0]
    sleeper.send_signal(signal.SIGSTOP)
    world.start_worker()
    world.until(lambda: set(world.seen(task)) >= task.wanted)
    sleeper.send_signal(signal.SIGCONT)
    world.verdict(task, repeats=WINDOW)


@matrix
def test_the_whole_group_killed(world: World) -> None:
    task = world.publish(readers=200)
    world.has_seen(task, 50)
    world.kill(*world.workers, *world.clocks)
    later = world.publish(readers=12)
    time.sleep(LEASE / 2)
    world.start_worker()
    world.start_clock()
    world.verdict(task, repeats=WINDOW)
    world.verdict(later, repeats=0)


# Broker and clock


@pytest.mark.postgres
def test_valkey_emptied_at_every_third(world: World) -> None:
    task = world.publish(readers=200)
    for third in (0, 60, 120):
        world.has_seen(task, third)
        world.stores.flush_valkey()
    world.verdict(task, repeats=0)


@matrix
@pytest.mark.postgres
def test_valkey_away_for_the_middle_third(world: World) -> None:
    task = world.publish(readers=300)
    world.has_seen(task, 100)
    world.stores.stop_valkey()
    meanwhile = world.publish(readers=60)
    world.has_seen(task, 200)
    time.sleep(LEASE)
    world.stores.restart_valkey()
    world.verdict(task, repeats=0)
    world.verdict(meanwhile, repeats=0)


@matrix
def test_every_celery_message_doubled(world: World) -> None:
    world.restart(app="tests.faults.doubled")
    try:
        task = world.publish(readers=200)
        world.verdict(task, repeats=0)
    finally:
        world.restart()


@matrix
def test_two_clocks(world: World) -> None:
    world.start_clock()
    world.start_worker()
    world.verdict(world.publish(readers=200), repeats=0)


@matrix
def test_messages_of_nonsense(world: World) -> None:
    world.run_in_shell(
        "from celery import current_app as app\n"
        "app.send_task('mail.tasks.drain_bulk', ['junk'], queue='mail.bulk')\n"
        "app.send_task('no.such.task', ['junk'], queue='now')"
    )
    world.verdict(world.publish(), repeats=0)


@pytest.fixture
def ahead(world: World, tmp_path: Path) -> Iterator[Callable[[int], None]]:
    """Sets the clock of worker and clock: so many seconds ahead of ours."""
    file = tmp_path / "ahead"

    def set_clock(seconds: int) -> None:
        file.with_suffix(".new").write_text(str(seconds))
        file.with_suffix(".new").rename(file)  # nobody reads half of it

    set_clock(0)
    world.restart(app="tests.faults.moved_clock", POSTBAG_TEST_CLOCK=str(file))
    yield set_clock
    world.restart()


@matrix
def test_clock_a_day_ahead(world: World, ahead: Callable[[int], None]) -> None:
    task = world.publish(readers=200)
    world.has_seen(task, 50)
    ahead(DAY)
    world.verdict(task, repeats=WINDOW)


@matrix
def test_clock_an_hour_behind_for_a_while(world: World, ahead: Callable[[int], None]) -> None:
    """What is owed waits until the clock is where it was: nobody is missed, and nothing comes twice."""
    task = world.publish(readers=200)
    world.has_seen(task, 50)
    ahead(-HOUR)
    time.sleep(LEASE)
    ahead(0)
    world.verdict(task, repeats=WINDOW)


# Database


@matrix
@pytest.mark.postgres
def test_postgres_restarted_at_once(world: World) -> None:
    task = world.publish(readers=200)
    for moment in (50, 120):
        world.has_seen(task, moment)
        assert world.stores.postgres
        world.stores.postgres.stop(signal.SIGQUIT)
        world.stores.postgres.start()
        connection.close()
    world.verdict(task, repeats=2 * WINDOW)


# Mail server. One that is replaced may have taken a mail on each connection, and not have said so.

FAULTS = ["rcpt=421", "rcpt=450", "rcpt=550", "dot=stall", "data=hang", "dot=hang", "content=reset", "dot=drop"]
ONE_IN_TEN = ["connect=554/10", *(f"{fault}/10" for fault in FAULTS)]
UNHEARD = ("dot=hang", "dot=drop", "dot=reset")  # it takes the mail, and does not say so


@matrix
@pytest.mark.parametrize("fault", ["refuse", *FAULTS])
def test_mail_server_that_only_fails(world: World, fault: str) -> None:
    """Until it is mended: then all comes right by itself."""
    if fault == "refuse":
        world.sink.kill()
    else:
        world.serve(fault, stall=0.2 if fault == "dot=stall" else 0.02)
    task = world.publish(readers=60)
    tried = Delivery.objects.filter(mailout__gte=task.mailout, settled_at__isnull=False)  # or its confirmations
    world.until(tried.exists)
    world.serve()
    world.finish()
    send_again_what_broke_twice(world, task, fault)
    task.refused = rejected(task)
    world.verdict(task, repeats=len(task.wanted) if fault in UNHEARD else CONNECTIONS)
    assert bool(task.refused) == (fault == "rcpt=550")


@pytest.mark.parametrize(
    "fault", [pytest.param(fault, marks=[] if fault == "dot=drop/10" else matrix) for fault in ONE_IN_TEN]
)
def test_mail_server_that_fails_one_time_in_ten(world: World, fault: str) -> None:
    world.serve(fault, stall=0.5 if fault.startswith("dot=stall") else 0.02)
    task = world.publish(readers=60 if "hang" in fault else 150)  # each hang takes as long as the time-out
    world.finish()
    send_again_what_broke_twice(world, task, fault)
    task.refused = rejected(task)
    world.verdict(task, repeats=world.seen(task).total() // 10 if fault.startswith(UNHEARD) else 0)
    assert bool(task.refused) == (fault == "rcpt=550/10")


def send_again_what_broke_twice(world: World, task: Task, fault: str) -> None:
    """Such a mail waits for a person, who can know, as here, that none of them arrived."""
    if fault.startswith("content=reset"):
        world.serve()
        task.mailout.send_again(State.UNCERTAIN)
        world.finish()


def rejected(task: Task) -> set[str]:
    """Whom of its people the mail server refused for ever."""
    rows = Delivery.objects.filter(state=State.REJECTED, code__startswith="550")
    return set(rows.filter(address__endswith=f"@{task.domain}").values_list("address", flat=True))


@matrix
def test_poison(world: World) -> None:
    """One whom the server refuses, one whose mail breaks each connection, one whose mail cannot be made."""
    world.serve("rcpt=554@poison", "content=reset@venom")
    world.workers[0].send_signal(signal.SIGSTOP)
    task = world.publish()
    venom = f"venom@{task.domain}"
    becomes = [f"poison@{task.domain}", venom, "nobody at all"]
    poisoned = dict(zip(sorted(task.wanted - task.letters)[-3:], becomes, strict=True))
    for address, other in poisoned.items():
        task.mailout.deliveries.filter(address=address).update(address=other)
    task.wanted -= set(poisoned)
    world.workers[0].send_signal(signal.SIGCONT)
    world.verdict(task, repeats=0)
    states = dict(task.mailout.deliveries.filter(address__in=becomes).values_list("address", "state"))
    assert states == dict(zip(becomes, [State.REJECTED, State.UNCERTAIN, State.REJECTED], strict=True))


# People


@matrix
def test_unsubscribed_and_suppressed_in_the_midst(world: World) -> None:
    """One row is taken out by who unsubscribes, and the other only when it would be handed over."""
    task = world.publish(readers=200)
    world.has_seen(task, 20)
    readers = list(Subscription.objects.filter(address__in=task.wanted - task.letters).order_by("-pk")[:60])
    silent = [Suppression(mailbox=row.mailbox, reason=Suppression.Reason.COMPLAINED) for row in readers[1::2]]
    Suppression.objects.bulk_create(silent)
    for subscription in readers[::2]:
        subscription.end(Subscription.EndedReason.UNSUBSCRIBED)
    world.finish()
    for state, some in ((State.CANCELLED, readers[::2]), (State.SUPPRESSED, readers[1::2])):
        rows = task.mailout.deliveries.filter(about__in=[row.pk for row in some], state=state)
        gone = set(rows.values_list("address", flat=True))
        assert gone
        task.wanted -= gone
    world.verdict(task, repeats=0)


@matrix
def test_paused_and_killed_in_the_midst(world: World) -> None:
    task = world.publish(readers=200, letters=0)
    world.has_seen(task, 50)
    assert task.mailout.pause()
    world.until(lambda: not world.handed())
    before = world.seen(task).total()
    world.replace(world.workers[0])
    other = world.publish(readers=12)
    world.until(lambda: not Mailout.objects.filter(closed_at=None).exclude(pk=task.mailout.pk).exists())
    assert world.seen(task).total() == before
    assert task.mailout.resume()
    world.verdict(task, repeats=0)
    world.verdict(other, repeats=0)


@matrix
def test_cancelled_in_the_midst(world: World) -> None:
    task = world.publish(readers=300)
    world.has_seen(task, 50)
    assert task.mailout.cancel()
    before = world.seen(task).total()
    world.until(lambda: not world.handed())
    world.verdict_of_some(task, repeats=0)
    assert world.seen(task).total() - before <= WINDOW
    assert task.mailout.state == Mailout.State.CANCELLED
