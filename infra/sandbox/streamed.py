"""A HubSpot of any size in bounded memory: one block of people, served again and again with other keys.

A company of a million people takes gigabytes. Here a block of some thousand is drawn once; record `n` of the
whole is record `n % block` with a key, an address and a company of its own, made when its page is asked for.
Contacts with their history, companies, deals and their associations are served; everything else is empty.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.sandbox.generate import generate
from infra.sandbox.reply import json_reply
from infra.sandbox.vendors.hubspot import HubSpot
from infra.sandbox.vendors.hubspot_more import HubSpotMore
from infra.sandbox.world import World
from ingest.contract import promised

BLOCK = 5_000
STEP = 1_000_000_000  # between the keys of two blocks; those of one block are smaller
KINDS = ("contacts", "companies", "deals")
HISTORIES = {"contacts": ("lifecyclestage",), "companies": (), "deals": ("dealstage",)}
Record = dict[str, Any]


@dataclass(frozen=True)
class Block:
    """The records of a block by kind, as HubSpot would send them, and what they are associated with."""

    records: dict[str, list[Record]]
    links: dict[tuple[str, str], dict[str, list[str]]]


def draw(leads: int, seed: int = 7) -> Block:
    """A block of `leads` contacts with their companies and deals."""
    world = World(generate(seed=seed, leads=leads))
    hubspot, more = HubSpot(world), HubSpotMore(world)
    columns = {kind: tuple(one.name for one in promised(f"hubspot__{kind}").columns) for kind in KINDS}
    return Block(
        {
            "contacts": list(hubspot.records(columns["contacts"], HISTORIES["contacts"])),
            **{kind: list(more.records(kind, columns[kind], HISTORIES[kind])) for kind in KINDS[1:]},
        },
        more.links(),
    )


class StreamedHubSpot:
    """`leads` contacts in blocks of `block.records["contacts"]`; the last block is whole too."""

    def __init__(self, block: Block, leads: int) -> None:
        self._block = block
        self.blocks = -(-leads // len(block.records["contacts"]))

    def app(self) -> Starlette:
        """The ASGI application."""
        empty: Callable[[Request], Any] = self.nothing
        return Starlette(
            routes=[
                Route("/hubspot/crm/v3/objects/{kind}", self.listed),
                Route(
                    "/hubspot/crm/v4/associations/{kind}/{other}/batch/read",
                    self.associated,
                    methods=["POST"],
                ),
                Route("/hubspot/{path:path}", empty, methods=["GET", "POST"]),
            ]
        )

    async def listed(self, request: Request) -> Response:
        """GET a page of records; the archived ones are none."""
        kind, query = request.path_params["kind"], request.query_params
        if query.get("archived") == "true":
            return json_reply({"results": []})
        start, limit = int(query.get("after", "0")), int(query.get("limit", "10"))
        total = len(self._block.records[kind]) * self.blocks
        body: Record = {"results": list(islice(self._from(kind, start), min(limit, total - start)))}
        if start + limit < total:
            body["paging"] = {"next": {"after": str(start + limit)}}
        return json_reply(body)

    async def associated(self, request: Request) -> Response:
        """POST associations v4 batch/read."""
        links = self._block.links[request.path_params["kind"], request.path_params["other"]]
        types = [{"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"}]
        results = []
        for one in (await request.json())["inputs"]:
            number, key = _split(one["id"])
            if targets := links.get(key):
                to = [{"toObjectId": int(t) + number * STEP, "associationTypes": types} for t in targets]
                results.append({"from": {"id": one["id"]}, "to": to})
        return json_reply({"status": "COMPLETE", "results": results})

    async def nothing(self, request: Request) -> Response:
        """Whatever else is asked for: there is none."""
        return json_reply({"results": [], "events": [], "hasMore": False})

    def _from(self, kind: str, start: int) -> Iterator[Record]:
        records = self._block.records[kind]
        for position in range(start, len(records) * self.blocks):
            number, index = divmod(position, len(records))
            yield _moved(records[index], number)


def _moved(record: Record, number: int) -> Record:
    key = str(int(record["id"]) + number * STEP)
    properties = record["properties"] | {"hs_object_id": key}
    if email := properties.get("email"):
        properties["email"] = f"b{number}.{email}"
    return record | {"id": key, "properties": properties}


def _split(key: str) -> tuple[int, str]:
    """Which block a key belongs to, and the key in the first one.

    >>> _split("2000000007")
    (2, '7')
    """
    number, first = divmod(int(key), STEP)
    return number, str(first)
