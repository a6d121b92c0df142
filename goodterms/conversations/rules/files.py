"""Decides how many files come with a message; what each of them may be, values.files says."""

from goodterms.values.refusal import Refused

AT_MOST = 5  # of one message


def check_count(count: int) -> None:
    if count > AT_MOST:
        raise Refused(
            "A message takes {most} files at most. Send the others with another message.",
            code="file",
            field="files",
            most=AT_MOST,
        )
