"""The world that the fault tests share: it takes seconds to start."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from tests.faults.world import Stores, World


@pytest.fixture(scope="module")
def running_world(
    django_db_blocker: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Worker, clock and mail server, on stores of their own."""
    stores = Stores(tmp_path_factory.mktemp("world"))
    try:
        with django_db_blocker.unblock(), stores.in_use():  # type: ignore[attr-defined]
            call_command("migrate", verbosity=0)
            with World(stores) as world:
                yield world
    finally:
        stores.stop()


@pytest.fixture
def world(running_world: World) -> Iterator[World]:
    """The same, calm at the start of each test."""
    yield running_world
    running_world.calm_down()
