"""What can go wrong at a vendor, switched on by an admin call."""

from dataclasses import dataclass

KINDS = ("status", "down", "token_death", "truncate", "timeout", "schema_change", "job", "quota", "extra")


@dataclass(slots=True)
class Fault:
    """One fault of one vendor; it strikes `times` requests after letting `skip` requests pass.

    kind `status` answers with `status` (and Retry-After when given), `down` refuses until it is cleared,
    `token_death` makes the token in use invalid once, `truncate` sends half a body, `timeout` answers
    after `seconds`, `schema_change` sends an object where `field` held a number or a text, `job` says that
    a job is in the state `field` (Failed, Aborted) instead of complete, `quota` says in the vendor's words
    that the day's calls are used up, `extra` sends a further field `field` (a JSON value's text in `value`)
    beside each one of the name `beside`.
    """

    vendor: str
    kind: str
    status: int = 500
    times: int = 1
    skip: int = 0
    retry_after: int | None = None
    seconds: float = 0.0
    field: str = ""
    beside: str = ""
    value: str = "true"
    path: str = ""  # only requests whose path holds this text

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(KINDS)}")


class Faults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self._on: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Switch a fault on."""
        self._on.append(fault)

    def clear(self) -> None:
        """Switch every fault off."""
        self._on.clear()

    def is_quiet(self) -> bool:
        """Whether every fault has struck as often as it was told to."""
        return not self._on

    def strike(self, vendor: str, path: str) -> Fault | None:
        """The fault that hits this request, if one does."""
        for fault in self._on:
            if fault.vendor != vendor or fault.path not in path:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.kind == "down":
                return fault
            fault.times -= 1
            if fault.times <= 0:
                self._on.remove(fault)
            return fault
        return None
