"""Names that look like those of staff."""

import pytest

from moderation.lookalikes import resembles

STAFF = ["Priya Nair", "Digital Parks and Rivers", "Department for Parks", "Al"]


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("Priya Nair", "Priya Nair"),
        ("PRIYA  NAIR", "Priya Nair"),
        ("Рrіуа Nаіr", "Priya Nair"),  # Cyrillic
        ("P r i y a N a i r", "Priya Nair"),
        ("Pri\u200bya\u2060Nair", "Priya Nair"),
        ("Ｐｒｉｙａ Ｎａｉｒ", "Priya Nair"),
        ("𝐏𝐫𝐢𝐲𝐚 𝐍𝐚𝐢𝐫", "Priya Nair"),
        ("Prïyá Ñair", "Priya Nair"),
        ("Prlya Na1r", "Priya Nair"),
        ("Priya.Nair", "Priya Nair"),
        ("Priya Nair (press office)", "Priya Nair"),
        ("Digital Parks & Rivers", "Digital Parks and Rivers"),
        ("AI", "Al"),
        ("Admin", "admin"),
        ("Site admin", "admin"),
        ("Adrnin", "admin"),
        ("M0derator", "moderator"),
        ("Μoderator", "moderator"),  # Greek
        ("GOV.UK", "GOV.UK"),
        ("G О V U K", "GOV.UK"),
        ("GOV.UK team", "GOV.UK"),
    ],
)
def test_a_name_like_one_of_ours_is_known(name: str, like: str) -> None:
    assert resembles(name, STAFF) == like


@pytest.mark.parametrize(
    "name",
    [
        "Ann",
        "Priya",
        "Nair",
        "Alan Al",
        "Amina Adminova",
        "Mark Moderate",
        "李小龍",
        "محمد",
        "Gov",
        "Priya Patel",
        "R2",
    ],
)
def test_other_names_are_left_alone(name: str) -> None:
    assert resembles(name, STAFF) == ""


def test_a_name_that_shows_nothing_is_like_nobody() -> None:
    assert resembles("\u3164", ["", "\u200b", "Priya"]) == ""
