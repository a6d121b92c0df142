"""Decides how an invoice for people (PDF/A-3) carries the invoice for programs, as Factur-X and ZUGFeRD have it.

`hybrid` attaches the XML where typst has not done so, and says in the metadata (XMP) what it is; supporting documents go
in with it, in one pass of pikepdf. The same PDF and XML give the same bytes. PDF/A-3 itself is typst's promise: nothing
here can make it true of a PDF that is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from goodterms.einvoices.profiles import Profile
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    import pikepdf

VERSION = "1.0"  # of the Factur-X metadata, whatever the version of the profile
_FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_EXTENSION = "http://www.aiim.org/pdfa/ns/extension/"
_SCHEMA = "http://www.aiim.org/pdfa/ns/schema#"
_PROPERTY = "http://www.aiim.org/pdfa/ns/property#"
_ABOUT = (
    ("DocumentFileName", "The name of the embedded XML document"),
    ("DocumentType", "The type of the hybrid document in capital letters"),
    ("Version", "The version of the standard applying to the embedded XML document"),
    ("ConformanceLevel", "The conformance level of the embedded XML document"),
)


class Enclosed(NamedTuple):
    """A file that travels within the PDF beside the invoice."""

    name: str
    media_type: str
    content: bytes


def hybrid(pdf: bytes, xml: bytes, profile: Profile, enclosed: Sequence[Enclosed] = ()) -> bytes:
    """The PDF/A-3 with the XML inside and the metadata of Factur-X. The XML stands for what the pages show
    (`/AFRelationship /Alternative`), as Germany asks; supporting documents stand beside it. Refused: a profile that is not
    for hybrids, and a PDF that says it is no PDF/A-3, for an archive would turn it down."""
    import pikepdf

    if not profile.level:
        raise Refused(f"{profile.name} does not travel inside a PDF. Choose facturx, extended or xrechnung.", code="profile")
    with pikepdf.open(BytesIO(pdf)) as file:
        metadata = _metadata(file)
        _attach(file, xml, profile.file_name)
        _enclose(file, enclosed)
        file.Root.Metadata.write(_told(metadata, profile))
        return _saved(file)


def with_enclosed(pdf: bytes, enclosed: Sequence[Enclosed]) -> bytes:
    """The PDF with supporting documents inside (`/AFRelationship /Supplement`), which PDF/A-3 allows of any kind."""
    import pikepdf

    if not enclosed:
        return pdf
    with pikepdf.open(BytesIO(pdf)) as file:
        _enclose(file, enclosed)
        return _saved(file)


def is_archivable(pdf: bytes) -> bool:
    """Whether it says that it is PDF/A-3."""
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as file:
        return _claimed(file) is not None


def _saved(file: pikepdf.Pdf) -> bytes:
    out = BytesIO()
    file.save(out, deterministic_id=True, fix_metadata_version=False)
    return out.getvalue()


def _metadata(file: pikepdf.Pdf) -> Any:
    """The XMP as a tree; refuses where the PDF does not say that it is PDF/A-3."""
    tree = _claimed(file)
    if tree is None:
        raise Refused("The PDF is not PDF/A-3, so it may not carry an invoice for programs.", code="pdf")
    return tree


def _claimed(file: pikepdf.Pdf) -> Any:
    from lxml import etree

    if "/Metadata" in file.Root and "/OutputIntents" in file.Root:
        tree = etree.fromstring(file.Root.Metadata.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True))
        part = "{http://www.aiim.org/pdfa/ns/id/}part"
        said = [node.text for node in tree.iter(part)] + [node.get(part) for node in tree.iter() if node.get(part)]
        if said == ["3"]:
            return tree
    return None


def _attach(file: pikepdf.Pdf, xml: bytes, name: str) -> None:
    """The XML under its name and nothing else there: what typst attached stays, when it is the same."""
    import pikepdf

    there = file.attachments.get(name)
    if there is not None:
        if there.get_file().read_bytes() != xml:
            raise Refused(f"The PDF holds another {name} already.", code="pdf")
        there.relationship = pikepdf.Name.Alternative
        return
    added = pikepdf.AttachedFileSpec(
        file, xml, filename=name, description="Invoice by EN 16931", mime_type="text/xml", **_dates(file)
    )
    added.relationship = pikepdf.Name.Alternative
    file.attachments[name] = added  # pikepdf lists it under /AF as well


def _enclose(file: pikepdf.Pdf, enclosed: Sequence[Enclosed]) -> None:
    import pikepdf

    for one in enclosed:
        added = pikepdf.AttachedFileSpec(
            file, one.content, filename=one.name, description=one.name, mime_type=one.media_type, **_dates(file)
        )
        added.relationship = pikepdf.Name.Supplement
        file.attachments[one.name] = added


def _dates(file: pikepdf.Pdf) -> dict[str, str]:
    """Of the page: a clock of our own would change the bytes."""
    created = str(file.docinfo.get("/CreationDate", ""))
    return {"creation_date": created, "mod_date": created}


def _told(tree: Any, profile: Profile) -> bytes:
    """The metadata with what Factur-X says, and with the schema of it that PDF/A asks for."""
    from lxml import etree

    rdf = tree if tree.tag == f"{{{_RDF}}}RDF" else tree.find(f"{{{_RDF}}}RDF")
    said = etree.SubElement(rdf, f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""}, nsmap={"fx": _FX})
    values = (profile.file_name, "INVOICE", VERSION, profile.level)
    for (name, _), value in zip(_ABOUT, values, strict=True):
        etree.SubElement(said, f"{{{_FX}}}{name}").text = value
    _schemas(rdf).append(_schema())
    packet = etree.tostring(tree, encoding="unicode")
    return f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{packet}<?xpacket end="r"?>'.encode()


def _schemas(rdf: Any) -> Any:
    """The one bag of extension schemas, made when there is none."""
    from lxml import etree

    bag = rdf.find(f".//{{{_EXTENSION}}}schemas/{{{_RDF}}}Bag")
    if bag is not None:
        return bag
    said = etree.SubElement(rdf, f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""}, nsmap={"pdfaExtension": _EXTENSION})
    return etree.SubElement(etree.SubElement(said, f"{{{_EXTENSION}}}schemas"), f"{{{_RDF}}}Bag")


def _schema() -> Any:
    from lxml import etree

    as_resource = {f"{{{_RDF}}}parseType": "Resource"}
    schema = etree.Element(f"{{{_RDF}}}li", as_resource, nsmap={"pdfaSchema": _SCHEMA, "pdfaProperty": _PROPERTY})
    for name, value in (("schema", "Factur-X PDFA Extension Schema"), ("namespaceURI", _FX), ("prefix", "fx")):
        etree.SubElement(schema, f"{{{_SCHEMA}}}{name}").text = value
    listed = etree.SubElement(etree.SubElement(schema, f"{{{_SCHEMA}}}property"), f"{{{_RDF}}}Seq")
    for name, description in _ABOUT:
        entry = etree.SubElement(listed, f"{{{_RDF}}}li", as_resource)
        facts = (("name", name), ("valueType", "Text"), ("category", "external"), ("description", description))
        for word, value in facts:
            etree.SubElement(entry, f"{{{_PROPERTY}}}{word}").text = value
    return schema
