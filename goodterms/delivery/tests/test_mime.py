"""Decides that a reader of mail finds in our bytes what was put in, and nothing that somebody smuggled in."""

import email
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from goodterms.delivery.mime import Attachment, Mail, Mailbox, checked_address, dot_stuffed, mail_bytes
from goodterms.values.refusal import Refused

PLAIN = Mail(
    message_id="<JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP@mail.penhale.example>",
    sent_at=datetime(2026, 11, 17, 9, 30, tzinfo=UTC),
    sender=Mailbox("jory@penhale.example", "Jory Penhale, Penhale Print"),
    recipient=Mailbox("sandra@bellwether.example", "Sandra Whitlock"),
    subject="One small thing is late, two are coming up",
    text="Hi Sandra,\nhere is everything in one place.\n",
    html="<p>Hi Sandra,<br>here is everything in one place.</p>\n",
)
REMINDER = replace(
    PLAIN,
    reply_to=Mailbox("answers+x7@penhale.example"),
    references=("<first@mail.penhale.example>", "<second@mail.penhale.example>"),
    unsubscribe_url="https://pay.penhale.example/stop/abc",
)

printable = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
names = st.text(printable, min_size=1, max_size=120).filter(lambda name: name.strip() != "")
bodies = st.text(st.characters(exclude_categories=["Cs"]), max_size=3000)


def read(mail: Mail) -> EmailMessage:
    return email.message_from_bytes(mail_bytes(mail), policy=SMTPUTF8)


def raw_header(mail: Mail, name: str) -> str:
    """The header unfolded, its encoded words not yet decoded."""
    head = mail_bytes(mail).partition(b"\r\n\r\n")[0].decode()
    found = re.findall(rf"^{name}: ?((?:[^\r\n]|\r\n[ \t])*)", head, re.MULTILINE)
    assert len(found) == 1
    return str(found[0]).replace("\r\n", "")


def decoded(text: str) -> str:
    return str(make_header(decode_header(text)))


def content(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def lines_of(text: str) -> str:
    """What a reader sees: line ends in one form, and a last one."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") else f"{text}\n"


def test_a_reminder_carries_the_headers_of_a_reminder() -> None:
    message = read(REMINDER)
    assert message["Date"] == "Tue, 17 Nov 2026 09:30:00 +0000"
    assert message["Message-ID"] == REMINDER.message_id
    assert message["From"] == '"Jory Penhale, Penhale Print" <jory@penhale.example>'
    assert message["To"] == "Sandra Whitlock <sandra@bellwether.example>"
    assert message["Reply-To"] == "answers+x7@penhale.example"
    assert message["Subject"] == REMINDER.subject
    assert message["In-Reply-To"] == "<second@mail.penhale.example>"
    assert message["References"].split() == ["<first@mail.penhale.example>", "<second@mail.penhale.example>"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"].strip() == "<https://pay.penhale.example/stop/abc>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.get_content_type() == "multipart/alternative"
    assert lines_of(content(message, "plain")) == PLAIN.text
    assert lines_of(content(message, "html")) == PLAIN.html


def test_an_invoice_letter_has_no_way_to_unsubscribe() -> None:
    assert read(PLAIN)["List-Unsubscribe"] is None


def test_the_same_letter_has_the_same_bytes() -> None:
    assert mail_bytes(REMINDER) == mail_bytes(replace(REMINDER))


@given(names)
@example("\u200fشركة النور للطباعة\u200e")
@example("Müller & Söhne GmbH, Köln")
@example("=?utf-8?q?Not_what_it_seems?=")
@example('Sandra "Sandy" O\'Neill \\ Co')
@example("x" * 119)
@example("  two  spaces  ")
def test_any_name_and_subject_comes_out_as_it_went_in(name: str) -> None:
    mail = replace(PLAIN, recipient=Mailbox("sandra@bellwether.example", name), subject=name)
    assert decoded(raw_header(mail, "Subject")) == name
    said, address = parseaddr(raw_header(mail, "To"))
    assert address == "sandra@bellwether.example"
    assert decoded(said) == name
    assert [box.addr_spec for box in read(mail)["To"].addresses] == ["sandra@bellwether.example"]


@given(bodies, bodies)
@example(".\n..\n.hidden\nFrom the start\n", "." * 2000)
@example("x" * 5000, "trailing \t\nspace ")
@example("one\rtwo\r\nthree\n\r", "--=_boundary")
@example("日本語の文章" * 200, "=_" * 300)
def test_any_body_comes_out_as_it_went_in(text: str, html: str) -> None:
    message = read(replace(PLAIN, text=text, html=html))
    assert lines_of(content(message, "plain")) == lines_of(text)
    assert lines_of(content(message, "html")) == lines_of(html)
    assert not message.defects


@given(names, names, bodies, st.sampled_from([(), REMINDER.references * 5]))
def test_every_line_is_short_ascii_and_ends_in_crlf(name: str, subject: str, text: str, references: tuple[str, ...]) -> None:
    mail = replace(REMINDER, sender=Mailbox("jory@penhale.example", name), subject=subject, text=text, html=text)
    raw = mail_bytes(replace(mail, references=references))
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


def test_one_long_link_is_the_only_line_that_may_be_long() -> None:
    raw = mail_bytes(replace(REMINDER, unsubscribe_url="https://pay.example/" + "x" * 880))
    long = [line for line in raw.split(b"\r\n") if len(line) > 78]
    assert len(long) == 1
    assert len(long[0]) < 998


CONTROLS = "\r\n\0\x0b\x0c\x1b\x85\u2028\u2029\ud800"


@given(st.text(max_size=20), st.sampled_from(CONTROLS), st.text(max_size=20))
@example("Sandra", "\n", "Bcc: everyone@firm.example")
@example("Sandra", "\r", "")
def test_a_line_end_in_any_header_is_refused(before: str, evil: str, behind: str) -> None:
    text = before + evil + behind
    for mail in (
        replace(PLAIN, subject=text),
        replace(PLAIN, recipient=Mailbox("a@b.example", text)),
        replace(PLAIN, sender=Mailbox("a@b.example", text)),
        replace(PLAIN, reply_to=Mailbox("a@b.example", text)),
        replace(PLAIN, recipient=Mailbox(f"a{text}@b.example")),
        replace(PLAIN, message_id=f"<{text}@b.example>"),
        replace(PLAIN, references=(f"<a@b.example>{text}",)),
        replace(PLAIN, unsubscribe_url=f"https://b.example/{text}"),
        replace(PLAIN, attachments=(Attachment(text, "application/pdf", b""),)),
        replace(PLAIN, attachments=(Attachment("a.pdf", f"application/pdf{text}", b""),)),
    ):
        with pytest.raises(Refused):
            mail_bytes(mail)


@given(st.text(max_size=40))
def test_no_address_brings_a_second_recipient(address: str) -> None:
    try:
        clean = checked_address(f"sandra{address}@bellwether.example")
    except Refused:
        return
    mail = replace(PLAIN, recipient=Mailbox(clean))
    found = [box.addr_spec.encode(errors="surrogateescape").decode() for box in read(mail)["To"].addresses]
    assert found == [clean]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "sandra",
        "@firm.example",
        "sandra@",
        "a@b@c.example",
        "a b@c.example",
        "a@b.example, c@d.example",
        "<a@b.example>",
        "a..b@c.example",
        ".a@c.example",
        "a@-c.example",
        "a@c..example",
        "a(comment)@c.example",
        '"quoted"@c.example',
        "a@c.example\nBcc: d@e.example",
        "a@[127.0.0.1]",
        "a;b@c.example",
        "a\u202e@c.example",
        "a" * 65 + "@c.example",
        "a@" + "b." * 130 + "example",
    ],
)
def test_what_is_not_a_plain_address_is_refused_in_words(address: str) -> None:
    with pytest.raises(Refused, match="is not an e-mail address") as refusal:
        checked_address(address, "recipient")
    assert refusal.value.field == "recipient"


def test_an_address_in_another_script_keeps_its_name_and_translates_its_domain() -> None:
    assert checked_address("info@müller.example") == "info@xn--mller-kva.example"
    assert checked_address("jürgen@müller.example") == "jürgen@xn--mller-kva.example"
    assert raw_header(replace(PLAIN, recipient=Mailbox("jürgen@firma.example")), "To") == "jürgen@firma.example"


@given(names.map(str.strip), st.binary(max_size=400))
@example("Rechnung Nr. 4471 für Bellwether.pdf", b"%PDF-1.7\n.\n")
@example("x" * 200 + ".pdf", b"")
def test_a_document_arrives_with_its_name_and_bytes(name: str, payload: bytes) -> None:
    mail = replace(PLAIN, attachments=(Attachment(name, "application/pdf", payload),))
    message = read(mail)
    assert message.get_content_type() == "multipart/mixed"
    assert lines_of(content(message, "plain")) == PLAIN.text
    (found,) = message.iter_attachments()
    assert found.get_content_type() == "application/pdf"
    assert found.get_filename() == name
    assert found.get_payload(decode=True) == payload
    assert max(len(line) for line in mail_bytes(mail).split(b"\r\n")) <= 250


def unstuffed(wire: bytes) -> bytes:
    lines = wire.split(b"\r\n")
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)


@given(st.lists(st.sampled_from([b"", b".", b"..", b".a", b"a.", b"a"]), min_size=1, max_size=30))
def test_dots_are_doubled_and_come_back_single(lines: list[bytes]) -> None:
    message = b"\r\n".join(lines) + b"\r\n"
    wire = dot_stuffed(message)
    assert unstuffed(wire) == message
    assert b"\r\n.\r\n" not in b"\r\n" + wire  # nothing in it ends the message early
    assert dot_stuffed(message[:-2]) == wire or message.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("smuggled", [b"a\n.\nMAIL FROM:<x@y>\r\n", b"a\r.\r\n", b"a\r\n.\n", b"\n"])
def test_a_line_end_that_servers_read_differently_is_refused(smuggled: bytes) -> None:
    with pytest.raises(ValueError, match="CR LF"):
        dot_stuffed(smuggled)
