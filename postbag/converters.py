"""The parts that our addresses are made of."""

from functools import cache

from django.urls import register_converter

POST = "<yyyy:year>/<dd:month>/<dd:day>/<slug:slug>/"


class TokenConverter:
    """A sealed token (postbag/tokens.py)."""

    regex = "[a-z2-7]{40}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class YearConverter:
    """Four digits."""

    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:04d}"


class TwoDigitsConverter(YearConverter):
    """A month or a day, with its leading zero."""

    regex = "[0-9]{2}"

    def to_url(self, value: int) -> str:
        return f"{value:02d}"


class NumberConverter(YearConverter):
    """A row's number, written in one way only: each other way would be another page in the cache."""

    regex = "[1-9][0-9]{0,18}"

    def to_url(self, value: int) -> str:
        return str(value)


@cache
def register() -> None:
    """Make them known by the names that our addresses use; once, whichever list of addresses is read first."""
    register_converter(TokenConverter, "token")
    register_converter(YearConverter, "yyyy")
    register_converter(TwoDigitsConverter, "dd")
    register_converter(NumberConverter, "number")
