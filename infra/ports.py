"""Ports of this machine: whether one is free, and whether somebody answers on it."""

from __future__ import annotations

import http.client
import socket

from infra.errors import MistakeError


def must_be_free(host: str, port: int, what: str, variable: str) -> None:
    """Raise MistakeError that names the setting where something else listens on the port already."""
    with socket.socket() as probe:
        # As servers do it: a port that a server has just left counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            told = f"port {port}, where {what} would listen, is taken ({error.strerror})"
            raise MistakeError(f"{told}: end what uses it, or set {variable} to another") from error


def answers(host: str, port: int, path: str) -> bool:
    """Whether a GET of the path is answered, with any status below 500."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def is_open(host: str, port: int) -> bool:
    """Whether somebody accepts connections on the port."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((host, port)) == 0
