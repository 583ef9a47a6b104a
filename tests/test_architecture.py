"""Which room may know which, read from the imports: the table stands in the README."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {"blog": set(), "mail": set(), "moderation": {"blog", "mail"}, "sharing": {"blog", "mail"}}
ROOMS = set(MAY_IMPORT)
SAYS_NOTHING = {"utils", "helpers", "services", "common", "base", "manager"}
LONGEST = 40  # lines of a function

FILES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text())
    for folder in sorted({*ROOMS, "postbag", "tests"})
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.parent.name != "migrations"
}
OURS = [path for path in FILES if not path.startswith("tests/")]


def imports(path: str) -> Iterator[list[str]]:
    """Each module that a file imports, in its parts."""
    for node in ast.walk(FILES[path]):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ([*(node.module or "").split("."), alias.name] for alias in node.names)


def composes(module: str) -> bool:
    """Whether a module of postbag/ knows a room, itself or through another: then no room may know it."""
    path = f"postbag/{module}.py"
    return path in FILES and any(
        name[0] in ROOMS or (name[0] == "postbag" and composes(name[1])) for name in imports(path)
    )


def functions(path: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(FILES[path]) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("path", [path for path in OURS if not path.startswith("postbag/")])
def test_a_room_imports_only_the_rooms_it_may_know_and_leaves(path: str) -> None:
    room = path.split("/")[0]
    for name in imports(path):
        assert name[0] not in ROOMS - {room} - MAY_IMPORT[room], f"{room} may not know {name[0]}"
        assert not (name[0] == "postbag" and composes(name[1])), f"postbag.{name[1]} knows rooms"


@pytest.mark.parametrize("path", [path for path in OURS if "models" in path])
def test_models_import_no_tasks(path: str) -> None:
    assert not [name for name in imports(path) if "tasks" in name]


@pytest.mark.parametrize("path", FILES)
def test_no_import_hides_in_a_function(path: str) -> None:
    nested = [node for function in functions(path) for node in ast.walk(function)]
    assert not [node.lineno for node in nested if isinstance(node, ast.Import | ast.ImportFrom)]


@pytest.mark.parametrize("path", FILES)
def test_a_file_is_named_for_what_it_does(path: str) -> None:
    assert Path(path).stem not in SAYS_NOTHING


@pytest.mark.parametrize("path", OURS)
def test_no_function_is_longer_than_a_screen(path: str) -> None:
    long = [node.name for node in functions(path) if (node.end_lineno or 0) - node.lineno >= LONGEST]
    assert not long
