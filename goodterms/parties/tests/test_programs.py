"""What programs know of a party: the parts of an address, and an electronic address that is whole or not there."""

import pytest

from goodterms.parties.rules import FOR_PROGRAMS, checked_for_programs
from goodterms.values.refusal import Refused

NOTHING = dict.fromkeys(FOR_PROGRAMS, "")


def test_what_is_said_is_kept_without_spaces_too_many() -> None:
    said = {"street": " 1  Quay Street ", "endpoint_scheme": "0088", "endpoint_id": "5060012349998", "cadence": "slow"}
    assert checked_for_programs(said, NOTHING) == {
        "street": "1 Quay Street", "endpoint_scheme": "0088", "endpoint_id": "5060012349998",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"endpoint_id": "5060012349998"}, "endpoint_scheme", "a scheme and an id"),
        ({"endpoint_scheme": "0088"}, "endpoint_id", "a scheme and an id"),
        ({"endpoint_scheme": "GLN", "endpoint_id": "1"}, "endpoint_scheme", "'GLN' is not a scheme of electronic addresses"),
        ({"city": "x" * 201}, "city", "at most 200 signs"),
        ({"city": "Truro\x07"}, "city", "cannot be kept"),
    ],
)
def test_half_an_address_is_refused(said: dict[str, str], field: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence) as no:
        checked_for_programs(said, NOTHING)
    assert no.value.field == field


def test_the_other_half_may_be_known_already() -> None:
    known = NOTHING | {"endpoint_scheme": "0088", "endpoint_id": "5060012349998"}
    assert checked_for_programs({"endpoint_id": "4721480668400"}, known) == {"endpoint_id": "4721480668400"}
    gone = {"endpoint_scheme": "", "endpoint_id": ""}
    assert checked_for_programs(gone, known) == gone
