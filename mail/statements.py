"""Runs the sender's own statements: they come thousands of times, so PostgreSQL plans them once a connection."""

from typing import Any

import psycopg
from django.db import connection


def cursor() -> Any:
    """Like `connection.cursor()`; where the database can, what is executed on it is prepared.

    Behind a pooler that gives each transaction another connection, nothing is: DISABLE_SERVER_SIDE_CURSORS says so.
    """
    if connection.vendor != "postgresql" or connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
        return connection.cursor()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.connection.prepare_threshold = 0  # Django's other cursors never prepare
    bare: Any = psycopg.Cursor(connection.connection)
    return connection.make_debug_cursor(bare) if connection.queries_logged else connection.make_cursor(bare)
