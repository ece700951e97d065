"""Told once, and again when it is over; whatever goes wrong on the way is written down and tried again."""

from __future__ import annotations

import multiprocessing
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.incidents.alerts import send_tests
from infra.incidents.note import utc_now
from infra.incidents.states import RefreshState
from infra.incidents.store import store
from tests.incidents.conftest import SECRET, Deployment
from tests.incidents.people import PASSWORD, Authority, Hook, Post, post_office, sealed_office

DOWN = "GET https://api.hubapi.com/crm answered 503: Service Unavailable (after 6 attempts)"


def test_once_per_incident_and_once_when_it_is_over(deployment: Deployment, post: Post, hook: Hook) -> None:
    deployment.note()
    deployment.tell()
    assert post.letters == []

    deployment.note(hubspot=DOWN)
    deployment.tell()
    deployment.note(hubspot="GET https://api.hubapi.com/crm answered 401: expired")
    deployment.tell()
    assert post.subjects == ["Source hubspot failed"]

    deployment.note(hubspot=DOWN, salesforce="it did not answer in time")
    deployment.tell()
    assert post.subjects == ["Source hubspot failed", "Source salesforce failed"]

    deployment.note(salesforce="it did not answer in time")
    deployment.tell()
    deployment.tell()
    assert post.subjects[2:] == ["Recovered: source hubspot"]
    assert len(hook.texts) == 3
    opened, _, ended = post.letters
    assert ended["In-Reply-To"] == opened["Message-ID"]
    assert "salesforce: nothing newer is published" in _plain(ended)


def test_a_message_says_all_that_is_needed_and_no_secret(
    deployment: Deployment, post: Post, hook: Hook
) -> None:
    deployment.note(utc_now() - timedelta(hours=5))
    deployment.note(hubspot=f"{DOWN} {SECRET} {PASSWORD}\nTraceback (most recent call last):\n  File 'x'")
    deployment.tell()
    [letter] = post.letters
    assert letter.get_content_type() == "multipart/alternative"
    assert str(letter["To"]) == "ops@example.com, Ann <ann@example.com>"
    html = str(letter.get_body(("html",)).get_content())  # type: ignore[union-attr]
    for text in (_plain(letter), html):
        for said in (
            "503",
            "5 hours",
            "has been published yet",
            "MQLs",
            "Executive summary",
            "ingest check hubspot",
        ):
            assert said in text, said
    for text in (letter.as_string(), hook.texts[0]):
        assert SECRET not in text
        assert PASSWORD not in text
        assert "Traceback" not in text
        assert "very-secret-part" not in text
    assert "*Source hubspot failed*" in hook.texts[0]


def test_markup_in_an_error_stays_text(deployment: Deployment, post: Post, hook: Hook) -> None:
    deployment.note(hubspot="answered 500: <script>alert(1)</script> & <!channel>")
    deployment.tell()
    assert "<script>" not in str(post.letters[0].get_body(("html",)).get_content())  # type: ignore[union-attr]
    assert "<!channel>" not in hook.texts[0]


def test_a_refresh_that_stopped_is_its_own_incident(deployment: Deployment, post: Post) -> None:
    stopped = RefreshState(
        utc_now(), utc_now(), "audits", "money_is_exact", "the audit 'money_is_exact' failed (3 rows)"
    )
    deployment.note(refresh=stopped)
    deployment.tell()
    deployment.note()
    deployment.tell()
    assert post.subjects == ["Refresh stopped", "Recovered: the refresh"]
    assert "the audit 'money_is_exact' failed (3 rows)" in _plain(post.letters[0])


def test_an_untrusted_certificate_gets_nothing(deployment: Deployment, post: Post) -> None:
    deployment.set(alerts_smtp_ca_file=None)
    deployment.note(hubspot=DOWN)
    told = {one.channel: one.error for one in deployment.tell()}
    assert "certificate is not trusted" in told["mail"]
    assert "TOUCHSTONE_ALERTS_SMTP_CA_FILE" in told["mail"]
    assert told["webhook"] == ""
    assert post.commands == []


def test_without_starttls_no_password_is_sent(deployment: Deployment) -> None:
    with post_office(None) as plain:
        deployment.set(alerts_smtp_port=plain.port)
        deployment.note(hubspot=DOWN)
        told = {one.channel: one.error for one in deployment.tell()}
        assert "does not offer STARTTLS" in told["mail"]
        assert (plain.commands, plain.letters) == ([], [])
        deployment.set(alerts_smtp_security="none")
        [problem] = [row for row in send_tests(deployment.settings) if row[0] == "settings"]
        assert "in the clear" in problem[2]
        assert plain.commands == []


def test_tls_from_the_first_byte_is_verified_too(deployment: Deployment, own_authority: Authority) -> None:
    nobody: dict[str, None] = {
        "alerts_smtp_user": None,
        "alerts_smtp_password": None,
        "alerts_webhook_url": None,
    }
    with sealed_office(own_authority) as sealed:
        deployment.set(alerts_smtp_port=sealed.port, alerts_smtp_security="tls", **nobody)
        assert send_tests(deployment.settings) == (("mail", "pass", "sent"),)
        deployment.set(alerts_smtp_ca_file=None)
        [(_, status, detail)] = send_tests(deployment.settings)
        assert (status, "certificate is not trusted" in detail) == ("fail", True)
    assert sealed.subjects == ["This is a test"]


def test_a_failed_delivery_is_kept_and_tried_again(deployment: Deployment, post: Post, hook: Hook) -> None:
    """The password was changed: nothing is lost, nothing is sent twice, the other channel does not wait."""
    deployment.set(alerts_smtp_password=SecretStr("wrong one"))
    deployment.note(hubspot=DOWN)
    told = {one.channel: one.error for one in deployment.tell()}
    assert "refuses the login of 'touchstone' (535)" in told["mail"]
    assert "wrong one" not in told["mail"]
    with store(deployment.home.incidents_file) as opened:
        [waiting] = opened.undelivered()
    assert (waiting.channel, waiting.attempts) == ("mail", 1)

    deployment.note()  # it is over before anybody was mailed: both are told, in order
    deployment.set(alerts_smtp_password=SecretStr(PASSWORD))
    deployment.tell()
    assert post.subjects == ["Source hubspot failed", "Recovered: source hubspot"]
    assert len(hook.texts) == 2


@pytest.mark.parametrize("status", [500, 302, 404])
def test_a_webhook_that_refuses_and_then_takes(deployment: Deployment, hook: Hook, status: int) -> None:
    deployment.set(alerts_smtp_host=None, alerts_to=None, alerts_from=None)
    hook.answers.append(status)
    deployment.note(hubspot=DOWN)
    [first] = deployment.tell()
    assert first.error == f"127.0.0.1: it answered {status}"
    [second] = deployment.tell()
    assert second.error == ""
    assert deployment.tell() == ()
    assert len(hook.texts) == 1


def test_a_webhook_that_hangs_is_left(
    deployment: Deployment, post: Post, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.incidents.channels.SECONDS", 0.3)
    hook.stall = threading.Event()
    deployment.note(hubspot=DOWN)
    told = {one.channel: one.error for one in deployment.tell()}
    hook.stall.set()
    assert told["webhook"] == "127.0.0.1: it cannot be reached (TimeoutError)"
    assert post.subjects == ["Source hubspot failed"]


def test_one_recipient_who_is_refused_does_not_silence_the_others(deployment: Deployment, post: Post) -> None:
    post.refused.add("ann@example.com")
    assert ("mail", "warn", "refused for ann@example.com") in send_tests(deployment.settings)
    post.refused.add("ops@example.com")
    assert "TOUCHSTONE_ALERTS_TO" in {row[0]: row[2] for row in send_tests(deployment.settings)}["mail"]


def test_a_kill_between_taking_and_marking_brings_the_same_mail_again(
    deployment: Deployment, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.note(hubspot=DOWN)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("infra.incidents.store.Store.delivered", killed)
        with pytest.raises(KeyboardInterrupt):
            deployment.tell()
    deployment.tell()
    first, again = post.letters
    assert first["Message-ID"] == again["Message-ID"]
    deployment.tell()
    assert len(post.letters) == 2


def _tell(deployment: Deployment) -> None:
    deployment.tell()


def test_two_processes_at_once_send_one_mail(deployment: Deployment, post: Post, hook: Hook) -> None:
    deployment.note(hubspot=DOWN)
    context = multiprocessing.get_context("fork")
    both = [context.Process(target=_tell, args=(deployment,)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert [one.exitcode for one in both] == [0, 0]
    assert (len(post.letters), len(hook.texts)) == (1, 1)


def test_a_channel_that_is_set_later_hears_of_what_is_open_only(deployment: Deployment, post: Post) -> None:
    settings = deployment.settings
    deployment.set(alerts_smtp_host=None, alerts_to=None, alerts_from=None)
    deployment.note(hubspot=DOWN)
    deployment.tell()
    deployment.note(salesforce=DOWN)
    deployment.tell()
    deployment.settings = settings
    deployment.tell()
    assert post.subjects == ["Source salesforce failed"]


def test_the_settings_are_checked_at_once(
    deployment: Deployment, tmp_path: Path, own_authority: Authority
) -> None:
    deployment.set(
        alerts_to="nobody",
        alerts_from=None,
        alerts_smtp_user=None,
        alerts_smtp_ca_file=tmp_path / "none.pem",
        alerts_webhook_url=SecretStr("file:///etc/passwd"),
    )
    found = [detail for what, _, detail in send_tests(deployment.settings) if what == "settings"]
    for name in ("_FROM", "_TO", "_USER", "_CA_FILE", "_WEBHOOK_URL"):
        assert any(name in one for one in found), (name, found)
    assert not any("passwd" in one for one in found)


def _plain(letter: object) -> str:
    return str(letter.get_body(("plain",)).get_content())  # type: ignore[attr-defined]
