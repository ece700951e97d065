"""Run the sandbox's service: in the foreground for people, in a thread for tests."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from infra.sandbox.company import Company
from infra.sandbox.service import Sandbox

HOST = "127.0.0.1"
START_SECONDS = 30.0


def serve(company: Company, port: int, host: str = HOST) -> None:
    """Serve until interrupted."""
    uvicorn.run(Sandbox(company).app(), host=host, port=port, log_level="warning", access_log=False)


@contextmanager
def running(company: Company) -> Iterator[tuple[str, Sandbox]]:
    """The service on a free port of the loopback, in a thread; its address and itself."""
    sandbox = Sandbox(company)
    listener = socket.socket()
    listener.bind((HOST, 0))
    listener.listen()  # who asks before the server is up waits for it
    config = uvicorn.Config(sandbox.app(), log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{listener.getsockname()[1]}", sandbox
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
        listener.close()
