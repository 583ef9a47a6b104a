from django.apps import AppConfig


class PostbagConfig(AppConfig):
    """The project as an app, so that its commands and templates are found."""

    name = "postbag"
