"""Reservations are asked for and given back as the server means them, and a conflict is a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from maestro.errors import Failed
from maestro.integrations.mail import LIFETIME, Grant, Mail
from support import load_beside

fake = load_beside(f"{__file__[: -len('test_mail.py')]}fakes/x", "mailbox")


@pytest.fixture
def mailbox() -> Iterator[Any]:
    with fake.serve() as found:
        yield found


def mail_of(mailbox: Any, **more: str) -> Mail:
    return Mail(**{"url": mailbox.url, "token": fake.TOKEN, "project": "/repo", **more})


@pytest.mark.parametrize("style", ["json", "stream", "text"])
def test_paths_are_reserved_and_given_back(style: str, mailbox: Any) -> None:
    mailbox.style = style
    mail = mail_of(mailbox)
    agent = mail.register("track auth")
    grant = mail.reserve(agent, ["src/a.py", "src/b.py"], "auth 1.1")
    assert (len(grant.ids), grant.refused, mailbox.paths(agent.name)) == (2, "", ["src/a.py", "src/b.py"])
    mail.release(agent, grant.ids)
    assert mailbox.paths(agent.name) == []


def test_a_conflict_is_a_refusal_and_nothing_stays_reserved(mailbox: Any) -> None:
    """The server grants conflicting paths all the same."""
    mailbox.hold("RedStone", "src/*.py")
    mail = mail_of(mailbox)
    agent = mail.register("track auth")
    assert mail.reserve(agent, ["docs/x.md", "src/a.py"], "auth 1.1") == Grant((), "src/a.py is reserved by RedStone")
    assert mailbox.paths(agent.name) == []


def test_what_is_held_is_renewed_and_what_has_ended_is_noticed(mailbox: Any) -> None:
    mail = mail_of(mailbox)
    agent = mail.register("track auth")
    grant = mail.reserve(agent, ["src/a.py", "src/b.py"], "auth 1.1")
    assert mail.renew(agent, grant.ids)
    assert mailbox.renewed == [(number, LIFETIME) for number in grant.ids]
    del mailbox.held[grant.ids[0]]
    assert not mail.renew(agent, grant.ids)


def test_releasing_nothing_asks_nothing(mailbox: Any) -> None:
    """The server takes a release without ids as one of everything."""
    mail = mail_of(mailbox)
    agent = mail.register("track auth")
    mailbox.hold(agent.name, "src/a.py")
    mail.release(agent, [])
    assert mailbox.paths(agent.name) == ["src/a.py"]
    mail.release_all(agent)
    assert mailbox.paths(agent.name) == []


@pytest.mark.parametrize("status", [302, 401, 404, 500])
def test_a_server_that_refuses_is_an_error_and_nothing_is_followed(status: int, mailbox: Any) -> None:
    mailbox.status = status
    with pytest.raises(Failed, match=f"HTTP {status}"):
        mail_of(mailbox).register("x")
    assert mailbox.calls == []


def test_a_wrong_token_is_told_and_nobody_listening_too(mailbox: Any) -> None:
    with pytest.raises(Failed, match="HTTP 401"):
        mail_of(mailbox, token="wrong").register("x")
    with pytest.raises(Failed, match="did not do it"):
        mail_of(mailbox, url="http://127.0.0.1:1/api/").register("x")


def test_a_tools_own_error_is_told(mailbox: Any) -> None:
    with pytest.raises(Failed, match="no such project"):
        mail_of(mailbox).reserve(fake_agent(), ["a"], "x")


def fake_agent() -> Any:
    from maestro.integrations.mail import Agent

    return Agent("Nobody")


@pytest.mark.parametrize(
    "url", ["http://example.org/api/", "https://127.0.0.1/", "http://127.0.0.1.example.org/", "http://10.0.0.1:8765/", "file:///etc/passwd", "x", "http://[::1"]
)
def test_only_this_machine_is_ever_asked(url: str) -> None:
    with pytest.raises(Failed) as raised:
        Mail(url, "secret", "/repo").register("x")
    assert raised.value.slug == "mail-not-local"
