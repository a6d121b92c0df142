"""Stories of what a vendor may write, and a hostile corpus of what nobody may."""

import os
import random
import time

import pytest

from goodterms.delivery.wording import Context, Kind, check, check_shape, render
from goodterms.delivery.words import name_of
from goodterms.values.refusal import Refused

SANDRA: Context = {
    "first_name": "Sandra",
    "amount": "£1,942.80",
    "late": True,
    "invoices": [{"work": "Labels"}, {"work": "Cards"}],
}
LONGEST: Context = {"first_name": "W" * 200, "amount": "IDR 999.999.999.999,00", "late": False, "invoices": []}
ARABIC: Context = {"first_name": "ليلى", "amount": "\u200f١٬٩٤٢٫٨٠ د.إ.", "late": True, "invoices": [{"work": "ملصقات"}]}
REMINDER = Kind("reminder", (SANDRA, LONGEST, ARABIC))


def refusal(template: str) -> str:
    with pytest.raises(Refused) as refused:
        check(template, REMINDER)
    assert refused.value.code == "wording"
    return refused.value.sentence


def test_names_are_filled_in_and_conditions_asked() -> None:
    condition = "{% if late %}{{ amount }} is late{% else %}soon{% endif %}"
    template = "Hi {{ first_name }}, " + condition + ": {% for i in invoices %}{{ i.work }};{% endfor %}"
    check(template, REMINDER)
    assert render(template, SANDRA, html=False) == "Hi Sandra, £1,942.80 is late: Labels;Cards;"


def test_a_name_is_only_ever_text_in_html() -> None:
    context = {**SANDRA, "first_name": "<script>alert(1)</script> & co"}
    assert render("Hi {{ first_name }}", context, html=True) == "Hi &lt;script&gt;alert(1)&lt;/script&gt; &amp; co"
    assert render("Hi {{ first_name }}", context, html=False) == "Hi <script>alert(1)</script> & co"


def test_a_hijacked_clerk_cannot_turn_a_reminder_into_phishing() -> None:
    template = '<b>Pay</b> <a href="https://evil.example">here</a><img src=x onerror=y><script>z</script>'
    assert render(template, SANDRA, html=True) == "<b>Pay</b> here"


def test_a_wording_gets_words_never_things() -> None:
    class Vault:
        secret = "hunter2"

    with pytest.raises(TypeError, match="amount is int"):
        render("{{ amount }}", {"amount": 5}, html=False)  # type: ignore[dict-item]
    with pytest.raises(TypeError, match="work is Vault"):
        render("{{ invoices[0].work }}", {"invoices": [{"work": Vault()}]}, html=False)  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("{{ nubmer }}", "There is no 'nubmer' in this message. You can use: amount, first_name, invoices, late."),
        ("{% if late %}", "This text cannot be read"),
        ("{{ amount | plus: 1 }}", "There is no 'plus' to change a name with. You can use: escape, upcase,"),
        ("{{ amount }}{% if false %}{{ amount | safe }}{% endif %}", "There is no 'safe' to change a name with."),
        ("{{ invoices[0].colour }}", "This text cannot be written out"),
        ("line\n{{ amount", "In line 2 a {{ is not closed"),
        ("{{ a {{ b }} }}", "In line 1 a {{ is not closed"),
        ("{{ amount %}", "In line 1 a {{ is not closed"),
        ("{% for i in (1..9) %}x{% endfor %}", "Ranges such as (1..9) cannot be used here."),
        ("{% if late %}{% endif %}", "With some invoices nothing would be left of this text."),
        ("{% if late %}yes{% endif %}", "With some invoices nothing would be left of this text."),
        ("x" * 20_001, "This text is longer than 20 kB."),
        ("é" * 10_001, "This text is longer than 20 kB."),
        ("{{ amount }}" * 401, "This text has more than 400 names and instructions."),
        ("{% for i in invoices %}{{ i.work }}{% endfor %}" * 11, "This text has more than 10 loops."),
        ("{% if late %}" * 4 + "x" + "{% endif %}" * 4, "This text nests its instructions more than 3 deep."),
        ("{{ '" + "x" * 300 + "' }}", "In line 1 a {{ is not closed, or what it holds is longer than 300 characters."),
    ],
)
def test_a_refusal_says_where_and_what_else(template: str, sentence: str) -> None:
    assert refusal(template).startswith(sentence)


@pytest.mark.parametrize(
    "tag",
    ["assign x = 1", "capture x", "include 'a'", "render 'a'", "increment x", "decrement x", "tablerow i in invoices",
     "cycle 'a'", "liquid echo 1", "doc", "raw", "# note", "layout", "extends 'a'", "", "ifchanged", "content", "output"],
)  # fmt: skip
def test_tags_that_reach_further_are_not_there(tag: str) -> None:
    assert "cannot be used here" in refusal("{% " + tag + " %}x")


@pytest.mark.parametrize(
    "filtered",
    ["replace: 'a', 'aa'", "append: 'x'", "prepend: 'x'", "split: ''", "join", "concat: invoices", "times: 9", "date: 'now'",
     "base64_decode", "safe", "strip_html", "url_encode", "map: 'work'", "where: 'work'", "sort", "json", "slice: 1"],
)  # fmt: skip
def test_filters_that_bypass_bomb_or_compute_are_not_there(filtered: str) -> None:
    assert "to change a name with" in refusal("{{ amount | " + filtered + " }}")


HOSTILE = [
    "{{" * 500, "{{" * 10_000, "{%" * 10_000, "{{{%" * 5_000, "}}" * 10_000, "{" * 20_000, "{{ " + "a." * 5_000 + " }}",
    "{{ " + "[" * 290 + " }}", "{{ " + "a|" * 140 + " }}", "{% if " + "a or " * 50 + "a %}x{% endif %}",
    "{% for i in invoices %}" * 10 + "{% endfor %}" * 10, "{% for i in (1..900000000) %}x{% endfor %}",
    "{{ (1..900000000) | size }}", "{% for i in invoices limit: 999999999999 offset: -5 %}x{% endfor %}",
    "{{ amount | truncate: 999999999999999999999 }}", "{{ amount | truncate: " + "9" * 280 + " }}",
    "{{ first_name.__class__.__mro__ }}", "{{ first_name.upper }}", "{{ invoices.__len__ }}", "{{ ''.__class__ }}",
    "{% case amount %}" + "{% when 'a' %}b" * 300 + "{% endcase %}", "{% comment %}{{ }}{% endcomment %}",
    "{% comment %}" * 3 + "{% endcomment %}" * 3, "{%- -%}", "{{- -}}", "{{}}", "{%%}", "\x00{{ amount }}", "{{ \ud800 }}",
    "{{ amount | default: amount | default: amount, allow_false: true }}", "{% else %}", "{% endfor %}", "{% break %}",
    "{% for i in invoices %}{% for j in invoices %}{% for k in invoices %}x{% endfor %}{% endfor %}{% endfor %}",
]  # fmt: skip


@pytest.mark.parametrize("template", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_refused_or_harmless_and_quick(template: str) -> None:
    started = time.perf_counter()
    words = words_of(template)
    assert time.perf_counter() - started < 0.5
    assert len(words) <= 100_000


def test_the_look_before_the_lexer_is_linear() -> None:
    started = time.perf_counter()
    for _ in range(20):
        with pytest.raises(Refused):
            check_shape("{{" * 10_000)
    assert time.perf_counter() - started < 0.5


def words_of(template: str) -> str:
    """What becomes of a template with everything in reach; only a refusal may get out."""
    many = {**SANDRA, "invoices": [{"work": "Labels"}] * 40}
    try:
        check_shape(template)
        return render(template, many, html=True) + render(template, many, html=False)
    except Refused:
        return ""


TOKENS = ["{{", "}}", "{%", "%}", "-", " ", "\n", "|", ":", ",", ".", "..", "[", "]", "(", ")", "'", '"', "==", "and", "or",
          "contains", "nil", "empty", "true", "1", "-1", "1.5", "9999999999", "first_name", "amount", "late", "invoices", "i",
          "i.work", "forloop", "forloop.index", "if late", "endif", "else", "elsif", "unless late", "endunless", "case amount",
          "when 'a'", "endcase", "for i in invoices", "endfor", "break", "continue", "comment", "endcomment", "echo amount",
          "escape", "upcase", "truncate", "default", "size", "first", "last", "newline_to_br", "limit", "offset", "reversed",
          "{{ amount }}", "{% if late %}", "{% endif %}", "{% for i in invoices %}", "{% endfor %}", "é", "\u202e",
          "\x00"]  # fmt: skip


def test_whatever_tokens_come_in_only_refusals_come_out() -> None:
    """GOODTERMS_FUZZ=1000000 for the long form; GOODTERMS_SEED to see one again."""
    count, seed = int(os.environ.get("GOODTERMS_FUZZ", "1500")), int(os.environ.get("GOODTERMS_SEED", "1"))
    dice = random.Random(seed)
    slowest = 0.0
    for _ in range(count):
        template = "".join(dice.choice(TOKENS) + dice.choice(["", " "]) for _ in range(dice.randint(1, 60)))
        started = time.perf_counter()
        words_of(template)
        slowest = max(slowest, time.perf_counter() - started)
    assert slowest < 0.5, seed


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Sandra Whitlock", "Sandra"), ("Dr. Annegret Freifrau von Oberhausen", "Annegret"), ("Prof. Dr. Jan Vos", "Jan"),
        ("Bapak Budi Santoso", "Budi"), ("H. Smith", "H."), ("Dr.", "Dr."), ("山田太郎", "山田太郎"),
    ],
)  # fmt: skip
def test_nobody_is_greeted_by_a_title_alone(name: str, first: str) -> None:
    assert name_of(name, "", "en").first_name == first
    assert name_of(name, "", "en").name == name
