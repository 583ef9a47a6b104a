"""Mail and passwords do not travel in clear unless somebody says so."""

import os
import subprocess
import sys

import pytest

ASK = "from postbag import settings; print(settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS)"


def started(**environment: str) -> subprocess.CompletedProcess[str]:
    """What settings with these variables say."""
    known = {"PATH": os.environ["PATH"], "POSTBAG_VAR": os.environ["POSTBAG_VAR"], "EMAIL_HOST": "smtp.example.org"}
    return subprocess.run([sys.executable, "-c", ASK], env=known | environment, capture_output=True, text=True)


@pytest.mark.parametrize(("port", "said"), [("465", "True False"), ("587", "False True"), ("25", "False False")])
def test_the_port_says_how_mail_is_encrypted(port: str, said: str) -> None:
    assert started(EMAIL_PORT=port).stdout.strip() == said


def test_no_password_goes_to_another_machine_in_clear() -> None:
    run = started(EMAIL_PORT="25", EMAIL_HOST_USER="blog")
    assert run.returncode and "EMAIL_HOST_USER needs EMAIL_USE_TLS" in run.stderr
    assert started(EMAIL_PORT="25", EMAIL_HOST_USER="blog", EMAIL_HOST="localhost").returncode == 0
    assert started(EMAIL_PORT="25", EMAIL_HOST_USER="blog", EMAIL_USE_TLS="1").returncode == 0
