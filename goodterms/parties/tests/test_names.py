"""The same person under every way of writing their address, and nobody else."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.parties.rules import checked_address, checked_tax_id, fold, payer_key, shown_address
from goodterms.values.refusal import Refused

LOCALS = st.from_regex(r"[A-Za-z0-9]{1,12}(\.[A-Za-z0-9+_-]{1,8})?", fullmatch=True)


def test_a_name_is_found_without_accents_and_capitals() -> None:
    assert fold("  Café  ZÜRICH ") == "cafe zurich"
    assert fold("Straße") == fold("STRASSE")


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_the_key_of_a_payer_never_changes() -> None:
    assert payer_key("amira@tobacco.example") == UUID("12105ed9-8b22-5360-b8cf-fa94bf235aef")


@given(LOCALS)
def test_capitals_and_outer_spaces_make_no_second_payer(local: str) -> None:
    assert payer_key(f" {local.upper()}@Payer.EXAMPLE ") == payer_key(f"{local.lower()}@payer.example")


@given(LOCALS, LOCALS)
def test_two_mailboxes_are_two_payers(one: str, other: str) -> None:
    assert (payer_key(f"{one}@payer.example") == payer_key(f"{other}@payer.example")) == (one.lower() == other.lower())


def test_an_international_domain_is_one_domain_in_both_forms() -> None:
    assert checked_address("info@Müller.example") == checked_address("info@xn--mller-kva.example")


def test_a_letter_goes_to_the_address_as_it_was_written() -> None:
    assert shown_address(" Amira.Khan@Tobacco.example ") == "Amira.Khan@Tobacco.example"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("a@b.example\r\nBcc: x@y.example", "line break"),
        ("a@b.example\nX", "line break"),
        ("a\x00@b.example", "invisible"),
        ("a@@b.example", "2 @ signs"),
        ("a.b.example", "no @ sign"),
        ("", "no @ sign"),
        ("josé@b.example", "plain letters"),
        ("a b@c.example", "write it like"),
        ("a@localhost", "write it like"),
        (".a@b.example", "write it like"),
        ('"a b"@c.example', "write it like"),
        ("a@b..example", "write it like"),
        ("<a@b.example>", "write it like"),
        ("a,b@c.example", "write it like"),
        ("x" * 65 + "@b.example", "write it like"),
        ("a@" + "b" * 64 + ".example", "write it like"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(address: str, why: str) -> None:
    with pytest.raises(Refused, match=why) as refused:
        payer_key(address)
    assert refused.value.code == "address"


@given(st.text(max_size=60))
def test_no_line_break_ever_passes(text: str) -> None:
    try:
        address = shown_address(text)
    except Refused:
        return
    assert address.isascii()
    assert address.isprintable()
    assert " " not in address


@pytest.mark.parametrize(
    ("tax_id", "country", "kept"),
    [
        ("GB 980 7806 84", "GB", "980780684"),
        ("DE 136,695 976", "DE", "136695976"),
        ("83 914 571 673", "AU", "83914571673"),
        ("anything", "US", "anything"),
        ("", "DE", ""),
        (" 12 ", "", "12"),
    ],
)
def test_a_tax_id_is_kept_without_its_spaces(tax_id: str, country: str, kept: str) -> None:
    assert checked_tax_id(tax_id, country) == kept


@pytest.mark.parametrize(("tax_id", "country"), [("GB 980 7806 85", "GB"), ("DE136695978", "DE"), ("8391457167", "AU")])
def test_a_tax_id_that_cannot_be_true_is_refused(tax_id: str, country: str) -> None:
    with pytest.raises(Refused, match=f"cannot be a tax id of {country}"):
        checked_tax_id(tax_id, country)
