"""The board as people use it: a real Chromium, with a mouse, with a keyboard, in the dark, on a phone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.browser import needs_chromium, serious
from tests.mocks import mock_account
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, VIDEO, VIDEO_REQUEST, Client

if TYPE_CHECKING:
    from playwright.sync_api import Route
    from tests.browser import Visit

    from understudy.contracts.handle import Account

pytestmark = needs_chromium
DARK, PHONE = {"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}
HOSTILE = "<img src=x onerror=alert(1)> \u202egnp.exe </script><script>alert(2)</script>"


def expect(what):
    from playwright.sync_api import expect as expected

    return expected(what)


def count_in(visit: Visit, lane: str):
    return visit.page.locator(f".lane.{lane} .count")


def opened(visit: Visit, mock: Account) -> Visit:
    visit.page.goto(mock.url)
    expect(visit.page.locator("#link")).to_have_text("live")
    return visit


def test_a_new_user_sends_the_example_and_sees_the_picture_appear(visit: Visit) -> None:
    with mock_account(rate=4) as mock:
        page = opened(visit, mock).page
        visit.shot("1-empty")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#answer .answered")).to_have_text("Answered 200")
        expect(count_in(visit, "succeeded")).to_have_text("1")
        picture = page.locator(".lane.succeeded .card img")
        expect(picture).to_be_visible()
        page.wait_for_function("img => img.complete && img.naturalWidth > 0", arg=picture.element_handle())
        picture.click()
        result = page.locator("#detail .results img")
        expect(result).to_be_visible()
        page.wait_for_function("img => img.complete && img.naturalWidth > 500", arg=result.element_handle())
        page.get_by_role("tab", name="Inbox").click()
        expect(page.locator(".inbox details")).to_have_count(3)
        visit.shot("2-succeeded")
        # Nothing leaves the machine, nor this server.
        assert [url for url in visit.asked if not url.startswith(mock.url)] == []


def test_a_task_is_watched_through_all_states_as_the_clock_is_moved(visit: Visit, still: Account) -> None:
    page = opened(visit, still).page
    Client(still).request("POST", VIDEO, VIDEO_REQUEST)
    for lane in ("waiting", "running", "succeeded"):
        expect(count_in(visit, lane)).to_have_text("1")
        expect(page.locator(f".lane.{lane} .card .name")).to_have_text("two cats")
        page.get_by_role("button", name="Next change").click()
    expect(page.locator("#said")).to_have_text("Nothing is going to change.")
    page.locator(".lane.succeeded .card").click()
    page.wait_for_function("() => document.querySelector('#detail video')?.readyState >= 1")
    assert page.locator("#detail .events").inner_text().count("became") == 3


def test_the_clock_is_advanced_by_button(visit: Visit, still: Account) -> None:
    page = opened(visit, still).page
    Client(still).create()
    before = still.server.account(key="anybody").clock.now
    page.get_by_role("button", name="+10 s").click()
    expect(count_in(visit, "succeeded")).to_have_text("1")
    assert still.server.account(key="anybody").clock.now == before + 10_000


def test_a_failing_callback_is_resent(visit: Visit, still: Account) -> None:
    page = opened(visit, still).page
    page.get_by_role("tab", name="Inbox").click()
    page.get_by_label("The inbox answers").select_option("500")
    expect(page.locator("#said")).to_have_text("The inbox answers 500 from now on.")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("tab", name="Callbacks").click()
    row = page.locator("#panel tbody tr")
    expect(row.locator(".status")).to_have_text("500")
    visit.shot("3-failing-callback")
    page.get_by_role("tab", name="Inbox").click()
    page.get_by_label("The inbox answers").select_option("200")
    expect(page.locator("#said")).to_have_text("The inbox answers 200 from now on.")
    page.get_by_role("tab", name="Callbacks").click()
    row.get_by_role("button", name="Resend").click()
    expect(page.locator("#said")).to_have_text("Sent submitted again: 200.")
    expect(page.locator("#panel tbody tr")).to_have_count(2)


def test_a_click_shows_what_the_card_knows_before_the_server_answers(visit: Visit, still: Account) -> None:
    page = opened(visit, still).page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/__understudy__/board/tasks/*", hold)
    task = Client(still).create({"prompt": "a fox"})
    page.locator(".card").click()
    expect(page.locator("#detail h2")).to_have_text("a fox")
    expect(page.locator("#detail .facts")).to_contain_text(task)
    assert page.evaluate("document.activeElement.id") == "detail-close"
    assert page.locator("#detail .events").count() == 0
    held.pop().continue_()
    expect(page.locator("#detail .events")).to_contain_text("became submitted")
    assert page.evaluate("document.activeElement.id") == "detail-close"


def test_an_ended_task_without_callbacks_offers_nothing_to_do(visit: Visit, still: Account) -> None:
    page = opened(visit, still).page
    client = Client(still)
    client.post(f"/__understudy__/tasks/{client.create()}/finish", {})
    page.locator(".lane.succeeded .card").click()
    page.locator("#detail .events").wait_for()
    assert page.locator("#detail .actions").count() == 0
    assert "null" not in page.locator("#detail").inner_text()


def test_a_hostile_prompt_is_text(visit: Visit, still: Account) -> None:
    dialogs: list[str] = []
    page = opened(visit, still).page
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    Client(still).request("POST", VIDEO, {**VIDEO_REQUEST, "prompt": HOSTILE, "external_task_id": "<b>x"})
    card = page.locator(".lane.waiting .card")
    shown = HOSTILE.replace("\u202e", "\ufffd")
    expect(card.locator(".name")).to_have_text(shown)
    card.click()
    expect(page.locator("#detail h2")).to_have_text(shown)
    expect(page.locator("#detail .facts")).to_contain_text("<b>x")
    page.locator("#detail .events summary").first.click()
    assert page.locator("#detail .events pre").first.inner_text().count("<script>") == 1
    assert (page.locator("#detail b, #detail script, .card script").count(), dialogs) == (0, [])


def test_a_refused_request_shows_the_field_and_where_it_is_stated(visit: Visit, still: Account) -> None:
    page = opened(visit, still).page
    page.get_by_label("Body").fill(json.dumps({**IMAGE_REQUEST, "n": 99}))
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#answer .answered")).to_have_text("Answered 400")
    tab = page.get_by_role("tab", name="Refused")
    expect(tab.locator(".count")).to_have_text("1")
    tab.click()
    expect(page.locator("#panel .field")).to_have_text("n")
    expect(page.locator("#panel tbody td").last).to_have_text(
        re.compile(r"specs/canonical/openapi\.yaml:\d+")
    )


def test_a_scenario_strikes_the_next_request(visit: Visit, still: Account) -> None:
    page = opened(visit, still).page
    page.get_by_label("Scenario for the next request").fill("create-timeout")
    name = next(row["name"] for row in still.server.scenarios() if row["name"].startswith("too_many"))
    page.get_by_label("Scenario for the next request").fill(name)
    expect(page.locator("#scenario-help")).not_to_be_empty()
    page.get_by_role("button", name="Play it").click()
    expect(page.locator("#said")).to_contain_text("The next request of demo will meet")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#answer .answered")).to_have_text("Answered 429")


def test_a_task_is_failed_and_a_callback_forged_by_button(visit: Visit, still: Account) -> None:
    page = opened(visit, still).page
    page.get_by_role("button", name="Send").click()
    page.locator(".lane.waiting .card").click()
    page.get_by_role("button", name="Forge a callback").click()
    expect(page.locator("#detail .events")).to_contain_text("forged")
    page.get_by_role("button", name="Fail it").click()
    expect(count_in(visit, "failed")).to_have_text("1")
    expect(page.get_by_role("button", name="Fail it")).to_have_count(0)
    visit.shot("4-failed")


def test_everything_is_forgotten_only_after_a_question(visit: Visit, still: Account) -> None:
    page = opened(visit, still).page
    Client(still).create()
    expect(count_in(visit, "waiting")).to_have_text("1")
    page.get_by_role("button", name="Reset…").click()
    page.get_by_role("button", name="Cancel").click()
    expect(count_in(visit, "waiting")).to_have_text("1")
    page.get_by_role("button", name="Reset…").click()
    page.locator("#ask-reset").get_by_role("button", name="Reset").click()
    expect(count_in(visit, "waiting")).to_have_text("0")


def tab_to(page, wanted: str, most: int = 40) -> None:
    """Press Tab until the focus is where a selector leads."""
    for _ in range(most):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {wanted}")


def test_a_keyboard_is_enough(visit: Visit, still: Account) -> None:
    client = Client(still)
    for n in range(3):
        client.request("POST", VIDEO, {**VIDEO_REQUEST, "prompt": f"number {n}"})
    page = opened(visit, still).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the tasks"
    tab_to(page, "#next")
    page.keyboard.press("Enter")
    expect(count_in(visit, "running")).to_have_text("3")
    # One stop for a lane; arrows move within it, and between lanes.
    tab_to(page, ".card")
    assert page.evaluate("document.activeElement.querySelector('.name').textContent") == "number 2"
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.querySelector('.name').textContent") == "number 1"
    page.keyboard.press("Enter")
    expect(page.locator("#detail h2")).to_have_text("number 1")
    assert page.evaluate("document.activeElement.id") == "detail-close"
    tab_to(page, "#do-finish")
    page.keyboard.press("Enter")
    expect(count_in(visit, "succeeded")).to_have_text("1")
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()
    assert page.evaluate("document.activeElement.querySelector('.name').textContent") == "number 1"
    tab_to(page, "[role=tab]")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent").startswith("Refused")


def filled(mock: Account) -> None:
    """Tasks in every lane, a refusal, a fault and callbacks."""
    client = Client(mock)
    client.create({"callback_url": f"{mock.url}/__understudy__/inbox/x"})
    failed = client.create()
    client.post(f"/__understudy__/tasks/{failed}/finish", {"status": "failed"})
    client.post("/__understudy__/clock/advance", {"seconds": 1})
    client.post("/__understudy__/clock", {"rate": 0})
    done = client.create()
    client.post(f"/__understudy__/tasks/{done}/finish", {})
    client.create()
    client.request("POST", IMAGE, {"n": 99})


@pytest.mark.parametrize("visit", [{}, DARK, PHONE], ids=["light", "dark", "phone"], indirect=True)
def test_axe_finds_no_serious_violation(visit: Visit, still: Account, request: pytest.FixtureRequest) -> None:
    filled(still)
    page = opened(visit, still).page
    expect(count_in(visit, "failed")).to_have_text("1")
    found = {}
    for tab in ("Requests", "Refused", "Callbacks", "Inbox"):
        page.get_by_role("tab", name=tab).click()
        found[tab] = serious(page)
    page.locator(".lane.running .card").first.click()
    expect(page.locator("#detail h2")).to_be_visible()
    page.evaluate("Promise.allSettled(document.getAnimations().map(one => one.finished))")
    found["task"] = serious(page)
    visit.shot(f"5-{request.node.callspec.id}")
    assert found == {name: [] for name in found}


@pytest.mark.parametrize("visit", [DARK], indirect=True)
def test_the_dark_is_dark(visit: Visit, still: Account) -> None:
    page = opened(visit, still).page
    colours = page.evaluate("['backgroundColor', 'color'].map(n => getComputedStyle(document.body)[n])")
    light = [sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours]
    assert light[0] < 120
    assert light[1] > 600


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_a_phone_needs_no_scrolling_sideways(visit: Visit, still: Account) -> None:
    filled(still)
    page = opened(visit, still).page
    expect(count_in(visit, "failed")).to_have_text("1")
    for tab in ("Requests", "Refused", "Callbacks", "Inbox"):
        page.get_by_role("tab", name=tab).click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_of_many_tasks_only_the_cards_that_are_seen_exist(visit: Visit, still: Account) -> None:
    client = Client(still)
    for _ in range(400):
        client.create()
    page = opened(visit, still).page
    expect(count_in(visit, "waiting")).to_have_text("400")
    assert page.locator(".card").count() < 30
    first = page.locator(".lane.waiting .card").first
    first.focus()
    page.keyboard.press("End")
    last = page.evaluate("document.activeElement.closest('li').getAttribute('aria-posinset')")
    assert last == "400"
    assert page.locator(".card").count() < 30


def test_a_server_that_knows_its_keys_asks_for_one(visit: Visit) -> None:
    with mock_account(keys=("secret-key",), rate=0) as mock:
        Client(mock.server.account(key="secret-key")).create()
        page = visit.page
        page.goto(mock.url)
        expect(page.locator("#ask-key")).to_be_visible()
        page.get_by_label("Key", exact=True).fill("secret-key")
        page.get_by_role("button", name="Show the board").click()
        expect(count_in(visit, "waiting")).to_have_text("1")
        expect(page.locator("#account option")).to_have_text(["of your key", "secret-key"])
        assert [url for url in visit.asked if "secret-key" in url] == []


def test_a_server_that_others_can_reach_shows_who_has_a_key_its_own_tasks(visit: Visit) -> None:
    with mock_account(host="0.0.0.0", rate=0) as mock:
        page = visit.page
        page.goto(mock.url)
        page.get_by_label("Key", exact=True).fill("mine")
        page.get_by_role("button", name="Show the board").click()
        page.get_by_role("button", name="Send").click()
        expect(count_in(visit, "waiting")).to_have_text("1")
        page.get_by_role("button", name="Next change").click()
        expect(count_in(visit, "running")).to_have_text("1")
        assert len(mock.server.account(key="mine").tasks) == 1


def test_the_control_key_shows_all_accounts(visit: Visit) -> None:
    with mock_account(keys=("one", "two"), control_key="control", rate=0) as mock:
        for key in ("one", "two"):
            Client(mock.server.account(key=key)).create()
        page = visit.page
        page.goto(mock.url)
        page.get_by_label("Key", exact=True).fill("control")
        page.get_by_role("button", name="Show the board").click()
        expect(count_in(visit, "waiting")).to_have_text("2")
        page.get_by_role("button", name="Next change").click()
        expect(count_in(visit, "running")).to_have_text("2")


@pytest.mark.parametrize("provider", ["bfl", "fal", "replicate", "veo"])
def test_the_example_of_another_api_goes_to_its_own_place_with_its_own_key(
    visit: Visit, provider: str
) -> None:
    with mock_account(provider, pace="instant") as mock:
        page = opened(visit, mock).page
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#answer .answered")).to_have_text(re.compile("Answered 20[0-2]"))
        expect(count_in(visit, "succeeded")).to_have_text("1")
        page.locator(".lane.succeeded .card").click()
        expect(page.locator("#detail .results > *")).to_have_count(1)


@pytest.mark.parametrize("language", ["curl", "Python", "JavaScript"])
def test_the_code_that_is_shown_sends_the_same_request(visit: Visit, still: Account, language: str) -> None:
    page = opened(visit, still).page
    body = {**IMAGE_REQUEST, "prompt": 'it\'s "two" cats \\ $HOME 🦊', "n": 2}
    page.get_by_label("Body").fill(json.dumps(body))
    page.locator("#code summary").click()
    page.get_by_role("tab", name=language).click()
    code = page.locator("#snippet").text_content() or ""
    run = {
        "curl": ["bash", "-c", code],
        "Python": [sys.executable, "-c", code],
        "JavaScript": ["node", "--input-type=module", "-e", code],
    }[language]
    if shutil.which(run[0]) is None:
        pytest.skip(f"{run[0]} is not installed")
    subprocess.run(run, check=True, capture_output=True, timeout=120)
    (entry,) = still.server.account(key="demo").requests_to(operation="create")
    assert (entry["verdict"], entry["request"]) == ("accepted", body)


def test_the_reference_is_drawn_without_asking_anybody_else(visit: Visit) -> None:
    with mock_account("chainhub", rate=0) as mock:
        page = visit.page
        held: list[Route] = []
        page.route("**/openapi.json?*", lambda route: held.insert(0, route))
        page.goto(f"{mock.url}/__understudy__/docs")
        expect(page.locator("#link")).to_have_text("Drawing the reference…")
        held.pop().continue_()
        expect(page.locator("#reference h1").first).to_be_visible()
        expect(page.locator("#reference")).to_contain_text("subject_image_list")
        expect(page.locator("#link")).to_be_empty()
        page.wait_for_load_state("networkidle")
        visit.shot("6-reference")
        outside = [url for url in visit.asked if not url.startswith((mock.url, "blob:", "data:"))]
        assert outside == []
