"""What became of a mail that was tried."""

from dataclasses import dataclass
from enum import Enum

from mail.models import Delivery


class About(Enum):
    """Of what an answer says something."""

    RECIPIENT = "the recipient"
    SENDER = "us, whom the server does not want now"
    SERVER = "the server, to which no connection came about"


@dataclass
class Outcome:
    """What became of one Delivery. `code` is the server's answer, for the operator."""

    delivery: Delivery
    state: Delivery.State
    code: str = ""
    about: About = About.RECIPIENT
