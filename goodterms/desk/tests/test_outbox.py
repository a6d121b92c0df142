"""The outbox is for eyes at this machine, while no mail server is set; a letter in it can do nothing there."""

from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from goodterms.desk.tests.cast import NOW, a_vendor

NAME = "one@goodterms.localhost.eml"


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.HOME, settings.SMTP_URL = tmp_path, ""
    folder = tmp_path / "outbox"
    folder.mkdir()
    letter = EmailMessage()
    letter["Subject"], letter["To"], letter["From"] = (
        "Labels, <b>second</b> run",
        "sandra@ours.example",
        "notices@vendor.example",
    )
    letter.set_content("Dear Ms Whitlock")
    letter.add_alternative('<p style="color:red">Dear Ms Whitlock</p><script>alert(1)</script>', subtype="html")
    (folder / NAME).write_bytes(letter.as_bytes())
    (tmp_path / "secret").write_text("the secret of the house")
    return folder


@pytest.fixture
def here(db: None) -> Client:
    return Client(headers={"Host": "localhost:8000"})


def test_letters_are_listed_and_read(folder: Path, here: Client) -> None:
    assert "sandra@ours.example" in here.get("/outbox/").text
    shown = here.get(f"/outbox/{NAME}/").text
    assert "Dear Ms Whitlock" in shown
    assert "Labels, &lt;b&gt;second&lt;/b&gt; run" in shown
    assert "<script" not in shown
    assert "/outbox/" in here.get("/").text


def test_whoever_looks_for_an_invoice_of_the_sample_reads_what_makes_it_leave(folder: Path, here: Client) -> None:
    """Issued at the desk, it stood in no outbox: the clock of a sample stands, and its day is run by hand."""
    assert "The clock of a sample stands" not in here.get("/outbox/").text
    a_vendor(sandbox_now=NOW)
    said = " ".join(here.get("/outbox/").text.split())
    assert "here on 16 November 2026, 10:20." in said
    assert "<code>bin/goodterms day --vendor tom-and-co</code>" in said


def test_the_page_of_a_letter_can_do_nothing(folder: Path, here: Client) -> None:
    answer = here.get(f"/outbox/{NAME}/page/")
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script-src" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "<iframe sandbox src=" in here.get(f"/outbox/{NAME}/").text


@pytest.mark.parametrize(
    ("address", "host", "header"),
    [
        ("192.0.2.7", "localhost", {}),
        ("127.0.0.1", "books.vendor.example", {}),
        ("127.0.0.1", "localhost", {"X-Forwarded-For": "192.0.2.7"}),
        ("127.0.0.1", "localhost", {"Forwarded": "for=192.0.2.7"}),
        ("", "localhost", {}),
    ],
)
def test_nobody_looks_from_elsewhere(
    address: str, host: str, header: dict[str, str], folder: Path, db: None, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(REMOTE_ADDR=address, headers={"Host": host, **header})
    for path in ("/outbox/", f"/outbox/{NAME}/", f"/outbox/{NAME}/page/"):
        assert client.get(path).status_code == 404
    assert "/outbox/" not in client.get("/").text


def test_nobody_looks_once_a_mail_server_is_set(folder: Path, here: Client, settings: Any) -> None:
    settings.SMTP_URL = "smtp://mail.vendor.example"
    assert here.get("/outbox/").status_code == 404


@pytest.mark.parametrize("name", ["..", "..%2Fsecret", "secret", "%2e%2e%2fsecret", ".one.eml.12", "*.eml"])
def test_a_name_leads_to_a_letter_or_to_nothing(name: str, folder: Path, here: Client) -> None:
    answer = here.get(f"/outbox/{name}/", follow=True)
    assert answer.status_code in (200, 404)
    assert "the secret" not in answer.text
    assert "Dear Ms" not in answer.text


def test_an_empty_outbox_says_so(tmp_path: Path, here: Client, settings: Any) -> None:
    settings.HOME, settings.SMTP_URL = tmp_path, ""
    assert "No letters yet" in here.get("/outbox/").text


def test_the_front_says_what_this_is_and_names_no_other_host(here: Client) -> None:
    for path in ("/", "/api/v1/docs"):
        answer = here.get(path)
        assert answer.status_code == 200
        assert "//" not in answer.text.replace("<!doctype", "")
        assert "default-src 'none'" in answer["Content-Security-Policy"]
