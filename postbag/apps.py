from django.apps import AppConfig
from django.core.mail import get_connection


class PostbagConfig(AppConfig):
    """The project as an app, so that its commands and templates are found."""

    name = "postbag"

    def ready(self) -> None:
        """A way to send mail that is not whole stops the start, not the first mail."""
        get_connection()
