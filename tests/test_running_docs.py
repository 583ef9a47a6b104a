"""docs/running.md lists every variable that can be set."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_variable_is_listed() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "postbag" / "settings.py").read_text()))
    rows = [line for line in (ROOT / "docs" / "running.md").read_text().splitlines() if line.startswith("| `")]
    listed = set(re.findall(r"`([A-Z_]{4,})`", " ".join(row.split("|")[1] for row in rows)))
    assert len(read) > 30
    assert read - listed == set()
    assert listed - read == {"BIND", "POSTBAG_DEMO_PASSWORD"}, "no longer read by the settings"
