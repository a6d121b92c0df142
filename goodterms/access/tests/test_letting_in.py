"""Sandra comes in: by her letter's link, by six figures, from a second browser; and somebody else tries to."""

from datetime import timedelta
from email import message_from_bytes, policy
from uuid import UUID

import pytest
from django.db import transaction

from goodterms.access.actions import ask_for_code, ask_for_link, end_all, end_session, not_me, open_by_code, open_by_link
from goodterms.access.actions.sessions import held
from goodterms.access.links import NO_LINK, OVER
from goodterms.access.models import Code, Link, Session
from goodterms.access.tests.world import NOW, PAYER, SANDRA, SENT, Post, World, make_world
from goodterms.database.isolation import acting_for
from goodterms.database.ways_in import tell
from goodterms.delivery.actions import bytes_of
from goodterms.delivery.models import Letter
from goodterms.interactions.models import Interaction
from goodterms.parties.models import Payer
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:142.0) Gecko/20100101 Firefox/142.0"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def letters(world: World, kind: str) -> list[Letter]:
    with acting_for([one.id for one in world.vendors]):
        return list(Letter.objects.filter(kind=kind))


def enter(world: World, secret: str = "") -> Session:
    with transaction.atomic():
        return open_by_link(token=world.token, secret=secret, agent=FIREFOX, now=NOW).session


def figures(secret: str, typed: str, *, cookie: str = "", own_device: bool = False, at: timedelta = timedelta()) -> object:
    with transaction.atomic():
        return open_by_code(
            code_secret=secret, figures=typed, secret=cookie, agent=FIREFOX, own_device=own_device, now=NOW + at
        )


def test_a_letters_link_shows_what_the_letter_showed_and_only_a_hash_is_kept(world: World) -> None:
    opened = open_by_link(token=world.token, secret="", agent=FIREFOX, now=NOW)
    assert opened.session.notice_id == world.notice
    assert opened.session.payer_id == PAYER
    assert opened.session.device == "Firefox on Windows"
    assert opened.session.expires_at == NOW + timedelta(hours=12)
    assert len(opened.secret) >= 43
    assert opened.secret not in {value for value in vars(opened.session).values() if isinstance(value, str)}
    assert held(opened.secret, NOW) == opened.session
    assert held(opened.secret, NOW + timedelta(hours=12)) is None
    assert held("", NOW) is None


def test_the_log_of_each_vendor_knows_that_the_page_was_opened(world: World) -> None:
    session = enter(world)
    for vendor in world.vendors:
        with acting_for([vendor.id]):
            told = Interaction.objects.get(kind="session.opened")
            assert (told.subject_id, told.inbound, told.channel, told.payer_id) == (session.id, True, "portal", PAYER)


def test_a_link_is_over_after_fourteen_days(world: World) -> None:
    with pytest.raises(Refused, match=OVER):
        open_by_link(token=world.token, secret="", agent="", now=SENT + timedelta(days=14))


def test_a_sandboxes_link_is_as_old_as_the_sandbox_says(world: World) -> None:
    for vendor in world.vendors:
        with acting_for([vendor.id]):
            vendor.sandbox_now = SENT
            vendor.save(update_fields=["sandbox_now"])
    assert open_by_link(token=world.token, secret="", agent="", now=SENT + timedelta(days=400)).secret


def test_what_never_was_a_link_opens_nothing(world: World) -> None:
    with pytest.raises(Refused, match=NO_LINK):
        open_by_link(token=world.token[:-1] + ("y" if world.token.endswith("x") else "x"), secret="", agent="", now=NOW)


def test_a_link_in_a_browser_that_came_by_it_keeps_its_session(world: World) -> None:
    first = open_by_link(token=world.token, secret="", agent="", now=NOW)
    again = open_by_link(token=world.token, secret=first.secret, agent="", now=NOW)
    assert (again.session, again.secret) == (first.session, "")


def test_six_figures_turn_a_letters_browser_into_one_that_sees_everything(world: World) -> None:
    post, first = Post(), open_by_link(token=world.token, secret="", agent=FIREFOX, now=NOW)
    secret, errand = ask_for_code(address=SANDRA, now=NOW)
    post.soon(errand)
    opened = figures(secret, f"{post.words[:3]} {post.words[3:]}", cookie=first.secret, own_device=True)
    assert not isinstance(opened, Refused)
    assert opened.session.notice_id is None  # type: ignore[attr-defined]
    assert opened.session.expires_at == NOW + timedelta(days=90)  # type: ignore[attr-defined]
    assert held(first.secret, NOW) is None
    with acting_for([world.vendors[0].id]):
        assert Payer.objects.get(id=PAYER).verified_at == NOW
        assert Interaction.objects.filter(kind="payer.verified").count() == 1
    with pytest.raises(Refused, match="belong to no letter"):
        figures(secret, post.words)


def test_a_proven_browser_stays_proven_whatever_link_it_follows(world: World) -> None:
    post = Post()
    secret, errand = ask_for_code(address=SANDRA, now=NOW)
    post.soon(errand)
    proven = figures(secret, post.words)
    again = open_by_link(token=world.token, secret=proven.secret, agent="", now=NOW)  # type: ignore[attr-defined]
    assert (again.session.notice_id, again.secret) == (None, "")


def test_the_letter_with_figures_is_readable_by_no_single_vendor(world: World) -> None:
    post = Post()
    post.soon(ask_for_code(address=SANDRA, now=NOW)[1])
    with acting_for([world.vendors[0].id]):
        letter = Letter.objects.get(kind="code")
        with pytest.raises(Refused, match="another vendor's as well"):
            bytes_of(letter_id=letter.id)
    with acting_for([one.id for one in world.vendors]):
        raw = bytes_of(letter_id=letter.id).decode()
    assert post.words in raw
    assert "Lindqvist Rowe and Penhale Print" in raw
    assert letter.expires_at == NOW + timedelta(minutes=10)


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("tone", ["informal", "neutral", "formal"])
def test_both_letters_are_written_in_every_tone_and_language(world: World, language: str, tone: str) -> None:
    with acting_for([world.vendors[0].id]):
        Payer.objects.filter(id=PAYER).update(language=language, tone=tone)
    post = Post()
    post.soon(ask_for_code(address=SANDRA, now=NOW)[1])
    post.soon(ask_for_link(address=SANDRA, now=NOW))
    subjects = {letter.kind: letter.body.subject for letter in letters_with_words(world)}
    opens = {"en": "opens your invoices", "id": "membuka faktur Anda"}[language]
    assert subjects["code"] == f"{post.errands[0].words} {opens}"
    assert {"en": "link", "id": "Tautan"}[language] in subjects["link"]


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("tone", ["informal", "neutral", "formal"])
def test_the_first_letter_of_a_colleague_says_who_named_them(world: World, language: str, tone: str) -> None:
    with acting_for([world.vendors[0].id]):
        Payer.objects.filter(id=PAYER).update(language=language, tone=tone)
    post = Post()
    post.soon(ask_for_link(address=SANDRA, now=NOW, introduced_by="Priya <b> Shah"))
    [letter] = letters(world, "link")
    with acting_for([one.id for one in world.vendors]):
        mail = message_from_bytes(bytes_of(letter_id=letter.id), policy=policy.default)
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "Priya <b> Shah" in text
    assert "Priya &lt;b&gt; Shah" in html
    assert post.words in text
    assert {"en": "lets you say so", "id": "Di halaman itu" if tone == "informal" else "di halaman"}[language] in text


def letters_with_words(world: World) -> list[Letter]:
    with acting_for([one.id for one in world.vendors]):
        return list(Letter.objects.filter(kind__in=["code", "link"]).select_related("body"))


def test_three_wrong_figures_and_the_right_ones_wait(world: World) -> None:
    post = Post()
    secret, errand = ask_for_code(address=SANDRA, now=NOW)
    post.soon(errand)
    wrong = "000000" if post.words != "000000" else "111111"
    said = [str(figures(secret, wrong)) for _ in range(3)]
    assert said[0].endswith("Two tries are left; then we wait ten minutes, to be safe.")
    assert said[1].endswith("One try is left; then we wait ten minutes, to be safe.")
    assert said[2].endswith("We wait ten minutes, to be safe; then you can ask for new figures.")
    with pytest.raises(Refused, match="We wait ten minutes, to be safe"):
        figures(secret, post.words, at=timedelta(minutes=5))


def test_a_thousand_requests_send_three_letters_at_most(world: World) -> None:
    post = Post()
    for n in range(500):
        post.soon(ask_for_code(address=SANDRA, now=NOW + timedelta(seconds=n))[1])
        post.soon(ask_for_link(address=SANDRA.upper(), now=NOW + timedelta(seconds=n)))
    assert len(letters(world, "code")) + len(letters(world, "link")) == 3
    post.soon(ask_for_link(address=SANDRA, now=NOW + timedelta(hours=1, seconds=1)))
    assert len(post.errands) == 4


def test_an_address_that_nobody_lists_is_treated_alike_and_gets_no_letter(world: World) -> None:
    post = Post()
    secret, errand = ask_for_code(address="stranger@elsewhere.example", now=NOW)
    post.soon(errand)
    assert secret
    assert errand is not None
    assert not errand.vendors
    assert letters(world, "code") == []
    assert "Two tries are left" in str(figures(secret, errand.words)), "even the right figures open nothing"
    post.soon(ask_for_link(address="stranger@elsewhere.example", now=NOW))
    assert letters(world, "link") == []


def test_a_new_link_shows_what_the_last_letter_showed_and_no_more(world: World) -> None:
    post = Post()
    post.soon(ask_for_link(address=SANDRA, now=NOW + timedelta(days=30)))
    session = open_by_link(token=post.words, secret="", agent="", now=NOW + timedelta(days=43)).session
    assert session.notice_id == world.notice
    with pytest.raises(Refused, match=OVER):
        open_by_link(token=post.words, secret="", agent="", now=NOW + timedelta(days=44))
    tell(payer=str(PAYER))
    assert not Link.objects.filter(secret_sha256=post.words).exists(), "only its hash is kept"


def test_somebody_else_says_so_and_the_link_is_used_up(world: World) -> None:
    opened = open_by_link(token=world.token, secret="", agent="", now=NOW)
    not_me(token=world.token, now=NOW)
    assert held(opened.secret, NOW) is None
    with pytest.raises(Refused, match=OVER):
        open_by_link(token=world.token, secret="", agent="", now=NOW)
    for vendor in world.vendors:
        with acting_for([vendor.id]):
            assert Interaction.objects.filter(kind="payer.disowned", subject_id=world.notice).exists()


def test_an_ended_session_is_out_at_once_and_others_stay(world: World) -> None:
    one = open_by_link(token=world.token, secret="", agent="", now=NOW)
    two = open_by_link(token=world.token, secret="", agent="", now=NOW)
    end_session(payer_id=PAYER, session_id=one.session.id, now=NOW)
    assert held(one.secret, NOW) is None
    assert held(two.secret, NOW) == two.session
    assert end_all(payer_id=PAYER, now=NOW) == 1
    assert held(two.secret, NOW) is None


def test_nobody_ends_the_browser_of_another(world: World) -> None:
    opened = open_by_link(token=world.token, secret="", agent="", now=NOW)
    stranger = UUID(int=7)
    with pytest.raises(Refused, match="There is no such browser of yours"):
        end_session(payer_id=stranger, session_id=opened.session.id, now=NOW)
    assert held(opened.secret, NOW)


def test_without_their_secret_nobody_finds_a_session_a_code_or_a_link(world: World) -> None:
    enter(world)
    ask_for_code(address=SANDRA, now=NOW)
    ask_for_link(address=SANDRA, now=NOW)
    tell(payer="", secret="")
    with acting_for([one.id for one in world.vendors]):
        assert not Session.objects.exists()
        assert not Code.objects.exists()
        assert not Link.objects.exists()
