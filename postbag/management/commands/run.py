"""`manage.py run`: the whole of Postbag on one machine, as one process tree."""

import ctypes
import multiprocessing
import os
import shlex
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from django.urls import reverse
from honcho import manager
from honcho.environ import parse_procfile
from honcho.printer import Message, Printer

from blog.models import Blog, Post
from postbag import announce
from postbag.announce import Line

DEMO_POST = "working-at-bis-using-twitter"
DEMO_USER = "moderator"
DEMO_PASSWORD = settings.VAR / "demo-password"  # load_demo keeps there what it made
PR_SET_PDEATHSIG = 1  # prctl(2)

manager.KILL_WAIT = 30  # seconds: the worker first finishes the mail in hand


class Command(BaseCommand):
    """Prepares the data folder and the database, then starts every line of the Procfile."""

    help = "Start web, worker, clock and inbox as one process tree, and say when each is ready."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("word", nargs="?", help="become only this line of the Procfile: for containers")

    def handle(self, *args: Any, word: str | None = None, **options: Any) -> None:
        """Raises CommandError for an unknown word, a taken port, and when a process ends by itself."""
        if word:
            become(word)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C before the tree stands: no traceback
        check_ports()
        prepare()
        lines = list(addresses())
        connections.close_all()
        if sys.platform == "linux":
            os.register_at_fork(after_in_child=die_with_parent)
        multiprocessing.get_context("fork").Process(target=say, args=[lines], daemon=True).start()
        run_tree(processes())


def processes() -> dict[str, str]:
    """The lines of the Procfile that this configuration needs: word and command."""
    lines = parse_procfile((settings.BASE_DIR / "Procfile").read_text()).processes
    return {word: command for word, command in lines.items() if word != "inbox" or settings.INBOX}


def environment() -> dict[str, str]:
    """What the processes share, whatever they inherit."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PORT": str(settings.PORT),
        "POSTBAG_VAR": str(settings.VAR),
        "PYTHONUNBUFFERED": "1",
    }


def become(word: str) -> None:
    """Replace this process by one line of the Procfile. Raises CommandError when it has no such word."""
    lines = processes()
    if word not in lines:
        raise CommandError(f"The Procfile has no “{word}” for this configuration, only {', '.join(lines)}")
    prepare_folders()
    os.execve("/bin/sh", ["sh", "-c", lines[word]], environment())  # noqa: S606


# Before the start


def web_server() -> tuple[str, int]:
    """Where the web process listens, as it is reached from this machine."""
    bind = os.environ.get("BIND", "127.0.0.1")
    return ("127.0.0.1" if bind == "0.0.0.0" else bind), settings.PORT  # noqa: S104


def inbox_server() -> tuple[str, int]:
    return "127.0.0.1", settings.INBOX_PORT


def check_ports() -> None:
    """Raises CommandError, naming the variable to set, for a port that we cannot have."""
    check_port(web_server(), "PORT")
    if settings.INBOX:
        check_port(inbox_server(), "POSTBAG_INBOX_PORT")


def check_port(server: tuple[str, int], variable: str) -> None:
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(server)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise CommandError(
            f"Port {server[1]} cannot be used ({why}). Choose another: {variable}={server[1] % 50_000 + 1000} make run"
        ) from error


def prepare() -> None:
    """Folders, tables, and the demo blog where there is nothing yet."""
    prepare_folders()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_demo")
    follow_port()
    cache.delete("clock")  # the ticks of an earlier start say nothing about this one


def follow_port() -> None:
    """Blogs at localhost are where this start listens, whatever the port of an earlier one: mails link there."""
    for blog in Blog.objects.filter(address__regex=r"^http://([a-z0-9.-]+\.)?localhost:[0-9]+$"):
        port = blog.address.rpartition(":")[2]
        if port != str(settings.PORT):
            blog.address = blog.address.replace(f":{port}", f":{settings.PORT}")
            blog.also_answers = blog.also_answers.replace(f":{port}", f":{settings.PORT}")
            blog.save()


def prepare_folders() -> None:
    for name in ("broker", "broker-control", "inbox", "cache"):
        (settings.VAR / name).mkdir(exist_ok=True)


# What to say


def addresses() -> Iterator[Line]:
    """What a person can open, at the blog's configured address, each with its proof."""
    blog = Blog.objects.order_by("pk").first()
    if blog is None:
        raise CommandError("There is no blog: manage.py add_blog makes one")
    yield at(blog, "Blog", reverse("home"))
    posts = Post.objects.public().filter(blog=blog).newest_first()
    if post := posts.filter(slug=DEMO_POST).first() or posts.first():
        yield at(blog, "A post", post.get_absolute_url())
    yield at(blog, "Desk", reverse("desk"), sign_in())
    if settings.INBOX:
        yield Line(at(blog, "Inbox", reverse("inbox")).text, announce.greeting(inbox_server()))
    yield at(blog, "API", reverse("api-docs"))
    yield Line("Worker and clock are at work. Ctrl-C ends everything.", announce.readiness(web_server()))


def at(blog: Blog, name: str, path: str, more: str = "") -> Line:
    return Line(f"  {name:<8}{blog.url(path)}{more}", announce.page(web_server(), blog.host, path))


def sign_in() -> str:
    """Name and password for the desk, as long as nobody has changed them."""
    known = [os.environ.get("POSTBAG_DEMO_PASSWORD"), DEMO_PASSWORD.exists() and DEMO_PASSWORD.read_text()]
    user = get_user_model().objects.filter(username=DEMO_USER).first()
    password = next((word for word in known if word and user and user.check_password(word)), None)
    return f"   sign in as {DEMO_USER}, password {password}" if password else ""


def say(lines: list[Line]) -> None:
    """In a process of its own, so that none of ours waits for it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    announce.announce(lines)


# The tree


class Console(Printer):
    """Prints what the processes print. Of honcho's own words it keeps only which process ended first."""

    first_end = ""

    def write(self, message: Message) -> None:
        if message.name != manager.SYSTEM_PRINTER_NAME:
            super().write(message)
        elif " stopped " in message.data:
            self.first_end = self.first_end or message.data.strip()


def run_tree(commands: dict[str, str]) -> None:
    """Run these until a signal ends them. When one ends by itself, all end, and CommandError says which."""
    console = Console()
    tree = manager.Manager(console)
    for word, command in commands.items():
        tree.add_process(word, mortal(command), env=environment(), cwd=settings.BASE_DIR)
    tree.loop()
    if tree.returncode not in {128 + signal.SIGINT, 128 + signal.SIGTERM}:
        raise CommandError(f"{console.first_end} by itself, and so all the others were stopped")


def mortal(command: str) -> str:
    """`command`, such that it gets SIGTERM when its parent dies, where the system can do that."""
    if sys.platform == "linux" and shutil.which("setpriv"):
        return f"exec setpriv --pdeathsig TERM sh -c {shlex.quote(command)}"
    return command


def die_with_parent() -> None:
    """Linux kills us with our parent, so that a killed `run` leaves nothing behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
