"""What a drawing measures is the same in every language; what a person reads is not."""

import re
from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template, defaultfilters
from django.utils import translation

from goodterms.stationery.drawings import term_drawn, term_line
from goodterms.stationery.templatetags.stationery import amount, clock_time, dated
from goodterms.values.money import Money

TERM = Template("{% term issued due today promised %}")
DAYS = {
    "issued": date(2026, 10, 1), "due": date(2026, 10, 31), "today": date(2026, 11, 16), "promised": date(2026, 11, 20),
}  # fmt: skip


def drawn(language: str) -> str:
    with translation.override(language):
        return TERM.render(Context(DAYS))


@pytest.mark.parametrize("language", ["id", "de", "ar"])
def test_a_term_line_is_drawn_alike_where_decimals_have_a_comma(language: str) -> None:
    places = re.compile(r'(?:x1|x2|cx)="([^"]*)"')
    assert places.findall(drawn(language)) == places.findall(drawn("en"))


def test_a_term_line_says_its_days_in_the_language_of_the_page() -> None:
    assert "Issued 1 Oct, due 31 Oct, promised 20 Nov, today 16 Nov" in drawn("en")
    assert "Diterbitkan 1 Okt, jatuh tempo 31 Okt, dijanjikan 20 Nov, hari ini 16 Nov" in drawn("id")


@pytest.mark.parametrize(("language", "shown"), [("en", "11:20"), ("id", "11.20")])
def test_a_clock_is_written_as_the_language_writes_it(language: str, shown: str) -> None:
    with translation.override(language):
        assert clock_time(datetime(2026, 11, 16, 4, 20, tzinfo=UTC), "Asia/Jakarta") == shown


@pytest.mark.parametrize("language", ["en", "id", "de"])
@pytest.mark.parametrize("pattern", ["Y-m-d", "j F", "D j", "F Y", None])
def test_a_day_that_is_kept_is_written_as_django_writes_it(language: str, pattern: str | None) -> None:
    for _ in range(2):
        with translation.override(language):
            for on in (date(2026, 11, 16), None, "", datetime(2026, 3, 1, 23, 30, tzinfo=UTC)):
                assert dated(on, pattern) == defaultfilters.date(on, pattern)


def test_what_is_written_into_a_drawing_or_an_amount_is_escaped() -> None:
    line = term_line(issued_on=DAYS["issued"], due_on=DAYS["due"], today=DAYS["today"])
    assert 'aria-label="&lt;b&gt; &amp; &quot;"' in term_drawn(line, '<b> & "')
    assert amount(Money(1_942_80, "GBP")) == '<span class="amt">£1,942<span class="c">.80</span></span>'
    assert amount(Money(-5, "JPY"), '"<') == '<span class="amt &quot;&lt;">−¥5</span>'.replace("¥", "JP¥")
