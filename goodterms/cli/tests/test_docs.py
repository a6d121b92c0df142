"""docs/cli.md names every command and every option of the parser, and none that is not there."""

import argparse
import importlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from textwrap import dedent

import pytest

from goodterms.cli.main import COMMANDS
from goodterms.cli.tests.cast import ROOT
from goodterms.imports.profile import COLUMNS_OF, Profile, read_profile
from goodterms.reminders.rules import WORDS, Cadence

PAGE = (ROOT / "docs" / "cli.md").read_text()
IMPORT = (ROOT / "docs" / "import.md").read_text()
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


def test_every_reason_for_holding_is_named() -> None:
    assert set(re.findall(r"`([a-z_]+)`", SECTIONS["day"].partition("with two reasons is in both:")[2])) == set(WORDS)


def test_the_cadence_that_is_shown_can_be_read() -> None:
    block = re.search(r'^    name = "Gentle".*?\n\n', SECTIONS["cadence"], re.M | re.S)
    assert block
    assert Cadence.from_json(tomllib.loads(dedent(block[0]))).steps[1].minimum == (("USD", 5_000),)


def test_every_key_of_a_profile_is_explained_and_the_one_shown_is_the_one_shipped() -> None:
    tables = re.findall(r"^\| (`.*?) \|", IMPORT, re.M)
    named = {word for cell in tables for word in re.findall(r"`\[?([a-z_]+)\]?`", cell)}
    assert named == {one.name for one in fields(Profile)} | {word for columns in COLUMNS_OF.values() for word in columns}
    shown = re.search(r"^    dates = .*?\n(?=\S)", IMPORT, re.M | re.S)
    assert shown
    shipped = (ROOT / "examples" / "receivables-book.toml").read_text()
    assert read_profile(dedent(shown[0])) == read_profile(shipped)
