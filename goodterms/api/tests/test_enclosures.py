"""A program lets files go with a draft, learns what stands between it and its issue, and gets the very bytes back."""

import base64
from hashlib import sha256
from typing import Any

import pytest

from goodterms.api.tests.test_life_by_program import drafted
from goodterms.api.tests.world import Program, World, told
from goodterms.invoicing.tests.test_enclosures import TIMESHEET


def test_a_file_goes_along_and_comes_back(program: Program, ours: World) -> None:
    one = drafted(program, ours)["id"]
    content = base64.b64encode(TIMESHEET.content).decode()
    answer = program("POST", f"/invoices/{one}/enclosures/", {"name": "../hours.pdf", "content": content})
    [file] = told(answer)
    assert (answer.status_code, file["name"], file["media_type"]) == (201, "hours.pdf", "application/pdf")
    assert file["sha256"] == sha256(TIMESHEET.content).hexdigest()
    given = program("GET", f"/invoices/{one}/enclosures/{file['id']}/")
    assert (given.content, given["X-Content-Type-Options"]) == (TIMESHEET.content, "nosniff")
    assert told(program("GET", f"/invoices/{one}/enclosures/")) == [file]
    assert program("DELETE", f"/invoices/{one}/enclosures/{file['id']}/").status_code == 204
    assert told(program("GET", f"/invoices/{one}/enclosures/")) == []
    assert program("GET", f"/invoices/{one}/enclosures/{file['id']}/").status_code == 404


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("not base64!", "The content is not base64 (RFC 4648, section 4)."),
        (base64.b64encode(b"MZ\0").decode(), "a.pdf is not a kind of file that goes with an invoice."),
    ],
)
def test_what_is_no_paper_is_refused(program: Program, ours: World, content: str, sentence: str) -> None:
    one = drafted(program, ours)["id"]
    answer = program("POST", f"/invoices/{one}/enclosures/", {"name": "a.pdf", "content": content})
    assert (answer.status_code, told(answer)["detail"].startswith(sentence)) == (422, True)


def test_a_file_of_seven_megabytes_comes_in_one_request(program: Program, ours: World) -> None:
    one = drafted(program, ours)["id"]
    content = base64.b64encode(b"x" * 7 * 1024 * 1024).decode()
    assert program("POST", f"/invoices/{one}/enclosures/", {"name": "a.txt", "content": content}).status_code == 201


def test_what_is_wrong_in_their_format_is_told_before_and_at_the_issue(program: Program, ours: World) -> None:
    wish: dict[str, Any] = {"invoice_format": "peppol", "enclosure_required": "timesheet"}
    assert program("PATCH", f"/customers/{ours.customer.id}/preferences/", wish).status_code == 200
    one = drafted(program, ours)["id"]
    ready = told(program("GET", f"/invoices/{one}/readiness/"))
    assert (ready["blocked"], ready["required"], ready["format"]) == (True, True, "peppol")
    assert ready["document_missing"] == "timesheet"
    assert {"BT-34", "BT-49"} <= {each["term"] for each in ready["missing"]}
    content = base64.b64encode(b"day;hours\n1;8\n").decode()
    program("POST", f"/invoices/{one}/enclosures/", {"name": "hours.csv", "content": content})
    program("POST", f"/invoices/{one}/approval/")
    answer = program("POST", f"/invoices/{one}/issue/", {})
    problem = told(answer)
    assert (answer.status_code, problem["code"]) == (422, "format")
    assert "PEPPOL-EN16931-R010" in {each["rule"] for each in problem["findings"]}
    assert told(program("GET", f"/invoices/{one}/"))["stage"] == "approved"


def test_what_nobody_requires_is_looked_at_when_asked(program: Program, ours: World) -> None:
    one = drafted(program, ours)["id"]
    assert told(program("GET", f"/invoices/{one}/readiness/"))["rules"] == []
    ready = told(program("GET", f"/invoices/{one}/readiness/?format=cii"))
    assert (ready["blocked"], ready["required"], ready["format"]) == (False, False, "cii")
    assert ready["rules"][0] == "XML schema"
    odd = program("GET", f"/invoices/{one}/readiness/?format=word")
    assert told(odd)["detail"] == "'word' has no rules; there are facturx, extended, xrechnung, peppol, ubl, cii."


def test_the_xml_is_there_where_they_take_it(program: Program, ours: World) -> None:
    one = drafted(program, ours)["id"]
    program("POST", f"/invoices/{one}/approval/")
    program("POST", f"/invoices/{one}/issue/", {})
    answer = program("GET", f"/invoices/{one}/xml/")
    assert told(answer)["detail"] == "This document goes to its customer as PDF; no XML goes beside it."
