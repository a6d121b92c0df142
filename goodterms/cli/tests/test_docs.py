"""docs/cli.md names every command and every option of the parser, and none that is not there."""

import argparse
import importlib
import re
from collections.abc import Iterator

import pytest

from goodterms.cli.main import COMMANDS
from goodterms.cli.tests.cast import ROOT

PAGE = (ROOT / "docs" / "cli.md").read_text()
SECTIONS = {part.partition("\n")[0].strip(): part for part in re.split(r"^## ", PAGE, flags=re.M)[1:]}


def parser_of(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=command)
    module = importlib.import_module(f"goodterms.cli.{'imports' if command == 'import' else command}")
    module.arguments(parser)
    return parser


def with_verbs(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The parser and those of its verbs."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.values()


def options(parser: argparse.ArgumentParser) -> set[str]:
    found = {word for one in with_verbs(parser) for action in one._actions for word in action.option_strings}
    return {word for word in found if word.startswith("--")} - {"--help"}


def test_every_command_has_its_section_and_no_other_has() -> None:
    assert list(SECTIONS) == sorted(SECTIONS, key=list(COMMANDS).index)
    assert set(SECTIONS) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_section_names_the_options_that_there_are(command: str) -> None:
    said = set(re.findall(r"--[a-z][a-z-]*", SECTIONS[command]))
    assert said == options(parser_of(command))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_section_shows_how_each_verb_is_typed(command: str) -> None:
    for one in with_verbs(parser_of(command)):
        assert any(action.nargs == "A..." for action in one._actions) or f"goodterms {one.prog}" in SECTIONS[command]


def test_whatever_answers_can_answer_as_json() -> None:
    silent = {"up", "migrate", "shell"}
    assert {command for command in COMMANDS if "--json" not in options(parser_of(command))} == silent
