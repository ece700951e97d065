"""Bring what has to be told, each message on each channel at least once, in order; failures wait for the next run."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from infra.home import Home
from infra.incidents.channels import Channel, DeliveryError, Envelope
from infra.incidents.note import utc_now
from infra.incidents.store import Delivery, Incident, store
from infra.incidents.words import ENDED, OPENED, Message

WAIT_SECONDS = 60.0
Compose = Callable[[Incident, str], Message]


@dataclass(frozen=True)
class Told:
    """What came of one message on one channel; `error` is empty when it was brought."""

    channel: str
    subject: str
    error: str = ""


def deliver(home: Home, channels: Mapping[str, Channel], compose: Compose) -> tuple[Told, ...]:
    """Bring everything that is due. One process does it at a time; the next finds what is left.

    A message is marked after its server took it: a kill between the two brings it again, with the same
    Message-ID. A channel that fails is left alone until the next run.
    """
    with _alone(home.delivery_lock):
        with store(home.incidents_file) as opened:
            opened.expect(tuple(channels))
            due = opened.undelivered(tuple(channels))
        return tuple(told for name in channels for told in _channel(home, name, channels[name], due, compose))


def _channel(
    home: Home, name: str, channel: Channel, due: tuple[Delivery, ...], compose: Compose
) -> Iterator[Told]:
    for delivery in (one for one in due if one.channel == name):
        message = compose(delivery.incident, delivery.event)
        error = _tried(home, channel, delivery, message)
        yield Told(name, message.subject, error)
        if error:
            return


def _tried(home: Home, channel: Channel, delivery: Delivery, message: Message) -> str:
    """Try once and write down what came of it; gives back the error."""
    try:
        remark = channel.send(message, envelope(delivery.incident, delivery.event))
    except DeliveryError as error:
        return _missed(home, delivery, str(error))
    except Exception as error:
        return _missed(home, delivery, f"an unexpected {type(error).__name__}")
    with store(home.incidents_file) as opened:
        opened.delivered(delivery, utc_now(), remark)
    return ""


def _missed(home: Home, delivery: Delivery, error: str) -> str:
    with store(home.incidents_file) as opened:
        opened.failed(delivery, utc_now(), error)
    print(
        f"touchstone: not told by {delivery.channel}, the next run tries again: {error}",
        file=sys.stderr,
        flush=True,
    )
    return error


def envelope(incident: Incident, event: str) -> Envelope:
    """The same identity for every try; the message that it is over answers the first one."""
    answers = f"{incident.id}.{OPENED}" if event == ENDED else None
    return Envelope(f"{incident.id}.{event}", answers, datetime.now(UTC))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait for the process that is telling people now; DeliveryError when it takes too long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    deadline = time.monotonic() + WAIT_SECONDS
    try:
        while True:
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise DeliveryError(
                        "another process is still telling people; the next run goes on"
                    ) from None
                time.sleep(0.1)
        yield
    finally:
        os.close(descriptor)
