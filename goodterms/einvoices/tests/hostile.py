"""Files that nobody sends in good faith. Run as a program: reads each in a process of its own, and says what that cost."""

import io
import json
import os
import resource
import sys
import time
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

MB = 1024 * 1024
ROOT = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
OPEN = f'<Invoice xmlns="{ROOT}" xmlns:cbc="{CBC}" xmlns:cac="{CAC}">'


def laughs(levels: int = 12) -> str:
    names = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, levels))
    return f'<?xml version="1.0"?><!DOCTYPE Invoice [<!ENTITY l0 "ha">{names}]>{OPEN}<cbc:ID>&l{levels - 1};</cbc:ID></Invoice>'


def with_attachment(content: bytes, name: str) -> bytes:
    packed = b64encode(content).decode()
    return (
        f"{OPEN}<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject "
        f'mimeCode="application/zip" filename="{name}">{packed}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>'
        "</cac:AdditionalDocumentReference></Invoice>"
    ).encode()


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for at in range(8):
            packed.writestr(f"{at}.csv", bytes(20 * MB), compresslevel=1)
    return out.getvalue()


def pdf_with(xml: bytes, filters: list[str], name: str = "factur-x.xml") -> bytes:
    """A PDF whose attachment is these bytes as they are, packed as `filters` say."""
    import pikepdf

    file = pikepdf.new()
    file.attachments[name] = pikepdf.AttachedFileSpec(
        file, b"<a/>", filename=name, description="", mime_type="text/xml", creation_date="", mod_date=""
    )
    stream = file.attachments[name].get_file().obj
    stream.write(xml, filter=pikepdf.Array([pikepdf.Name(each) for each in filters]))
    out = io.BytesIO()
    file.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


def packed(size: int) -> bytes:
    machine = zlib.compressobj(9)
    parts = [machine.compress(bytes(MB)) for _ in range(size // MB)]
    return b"".join([*parts, machine.flush()])


HOSTILE: dict[str, Callable[[], bytes]] = {
    "entities that multiply": lambda: laughs().encode(),
    "entities that multiply, in UTF-16": lambda: laughs().replace("?>", ' encoding="UTF-16"?>', 1).encode("utf-16"),
    "a file of the machine": lambda: f'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>{OPEN}&x;</Invoice>'.encode(),
    "a DOCTYPE after a long comment": lambda: f"<!--{'x' * 5 * MB}--><!DOCTYPE a>{OPEN}</Invoice>".encode(),
    "a DOCTYPE that is not closed": lambda: b"<!DOCTYPE " + b"[" * 5 * MB,
    "100,000 levels": lambda: (OPEN + "<cac:a>" * 100_000).encode(),
    "100,000 levels, each closed": lambda: (OPEN + "<cac:a>" * 100_000 + "</cac:a>" * 100_000 + "</Invoice>").encode(),
    "50 MB": lambda: (OPEN + " " * 50 * MB + "</Invoice>").encode(),
    "millions of elements": lambda: (OPEN + "<a/>" * (4 * MB) + "</Invoice>").encode(),
    "millions of attributes": lambda: (OPEN + "<a " + " ".join(f'b{at}=""' for at in range(MB)) + "/></Invoice>").encode(),
    "a text of 18 MB": lambda: (OPEN + "<cbc:Note>" + "x" * 18 * MB + "</cbc:Note></Invoice>").encode(),
    "an encoding to hide in": lambda: b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>',
    "EBCDIC": lambda: '<?xml version="1.0" encoding="cp037"?><a/>'.encode("cp037"),
    "UTF-16 without its mark": lambda: '<?xml version="1.0"?><a/>'.encode("utf-16-le"),
    "bytes that are not UTF-8": lambda: f"{OPEN}<cbc:ID>".encode() + b"\xff\xfe\xff</cbc:ID></Invoice>",
    "UTF-8 that says it is UTF-16": lambda: b'<?xml version="1.0" encoding="UTF-16"?>' + OPEN.encode() + b"</Invoice>",
    "an attachment that unpacks to 160 MB": lambda: with_attachment(zip_bomb(), "book.xlsx"),
    "an attachment that is a broken archive": lambda: with_attachment(b"PK\x03\x04" + bytes(100), "book.xlsx"),
    "a PDF that unpacks to 300 MB": lambda: pdf_with(packed(300 * MB), ["/FlateDecode"]),
    "a PDF packed twice": lambda: pdf_with(zlib.compress(packed(300 * MB)), ["/FlateDecode", "/FlateDecode"]),
    "a PDF packed ten times": lambda: pdf_with(packed(4 * MB), ["/FlateDecode"] * 10),
    "a PDF without an invoice": lambda: pdf_with(b"<a/>", [], "note.txt"),
    "a PDF that is cut off": lambda: pdf_with(b"<a/>", [])[:300],
    "a PDF with a DOCTYPE inside": lambda: pdf_with(laughs().encode(), []),
    "nothing": lambda: b"",
    "not XML": lambda: b"Dear all, please find attached",
    "another document": lambda: b"<Order/>",
}  # fmt: skip


def main(folder: str) -> None:
    """Beside each file of the folder what reading it came to: its refusal, seconds of the processor, the most memory in MB."""
    import lxml.etree  # noqa: F401  (what is loaded once is not what a file costs)
    import pikepdf  # noqa: F401

    from goodterms.einvoices import documents, embedded  # noqa: F401

    for path in sorted(Path(folder).glob("*.in")):
        child = os.fork()
        if not child:
            answer = read(path)
            path.with_suffix(".out").write_text(json.dumps(answer))
            os._exit(0)
        os.waitpid(child, 0)


def read(path: Path) -> dict[str, str | float]:
    from goodterms.einvoices import documents
    from goodterms.values.refusal import Refused

    data = path.read_bytes()
    start, refused = time.process_time(), ""
    try:
        documents.read(data)
    except Refused as no:
        refused = no.sentence
    spent = time.process_time() - start
    return {"refused": refused, "seconds": spent, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    main(sys.argv[1])
