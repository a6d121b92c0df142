"""Decides which moulds a process keeps, and which files are never read by one: long ones, and those that XML would refuse."""

import re
from typing import Any

from goodterms.einvoices.casting import cast
from goodterms.einvoices.guard import MARKS_MAX
from goodterms.einvoices.moulds import Frame, Said
from goodterms.einvoices.terms import Record

FRAMES_MAX = 24  # those that were filled last
KIN_SIZE, KIN_MAX = 2_000, 200  # signs by which files are kin; how many kinds are remembered
SIZE_MAX = MARKS_MAX  # a text so short holds no more marks
_VALUE = re.compile(rb">[^<]*")
_ODD = bytes(each for each in range(32) if each not in b"\t\n\r")
_NEVER = ("\ufffe", "\uffff")


class Moulds:
    """Those of a process."""

    def __init__(self) -> None:
        self.frames: tuple[Frame, ...] = ()
        self.kin: tuple[int, ...] = ()  # how files that were read with care begin

    def said(self, xml: bytes) -> Said | None:
        """What a file says that fills one; nothing of a file that has to be read."""
        text = _text(xml) if self.frames else ""
        try:
            for frame in self.frames if text else ():
                if said := frame.fill(text):
                    self._keep(frame)
                    return said
        except ValueError:  # a value that cannot be meant: the reader tells which
            pass
        return None

    def learn(self, xml: bytes, root: Any, record: Record, said: Said) -> None:
        """Keep the mould of a file that was read with care, if one that begins like it was before: a mould costs more than
        reading, and most that come alone stay alone."""
        kin = hash(_VALUE.sub(b"", xml[:KIN_SIZE]))
        if kin not in self.kin:
            self.kin = (kin, *self.kin)[:KIN_MAX]
            return
        text = _text(xml)
        encoding = root.getroottree().docinfo.encoding or "UTF-8"
        if not text or encoding.upper() != "UTF-8" or text.count("<?") > 1:
            return
        if frame := cast(text, root, record, said):
            known = next((each for each in self.frames if each.is_of(frame)), frame)
            for line in reversed(frame.lines):
                known.keep(line)
            self._keep(known)

    def _keep(self, frame: Frame) -> None:
        if not self.frames or frame is not self.frames[0]:
            self.frames = (frame, *(each for each in self.frames if each is not frame))[:FRAMES_MAX]


MOULDS = Moulds()


def _text(xml: bytes) -> str:
    """With the ends of lines as XML has them; empty where it is too long, not UTF-8, or nothing that XML could be."""
    if len(xml) > SIZE_MAX or len(xml.translate(None, _ODD)) != len(xml):
        return ""
    try:
        text = xml.decode()
    except UnicodeDecodeError:
        return ""
    if any(each in text for each in _NEVER) or ("]" in text and "]]>" in text):
        return ""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
