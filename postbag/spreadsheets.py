"""Words for spreadsheets, which take what begins with certain signs for more than words."""

FORMULA = "=+-@\t\r\n＝＋－＠"


def plain(cell: object) -> str:
    """`cell` as words, whatever it begins with: an apostrophe keeps a spreadsheet from reckoning with it."""
    words = "" if cell is None else str(cell)
    return f"'{words}" if words.startswith(tuple(FORMULA)) else words
