"""Reads files of vectors; whatever is not known is an error."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
FAMILIES = {"any": None, "ipv4": 4, "ipv6": 6}
ACTIONS = ("reply", "reply elsewhere", "reply kept", "keep", "inject", "route")
UNLIMITED = 2**32 - 1  # of icmp_rate, as C has it


class NotUnderstood(Exception):
    """A file is not as it should be."""


class Fields:
    """An object of a file: each key is taken once, and none may be left."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise NotUnderstood(f"{where}: {value!r} is no object")
        self._left = dict(value)
        self._where = where

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        """The value of a key; without a default it must be there."""
        value = self._left.pop(key, default)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise NotUnderstood(f"{self._where}: {key}: {value!r} is no {kind.__name__}")
        return value

    def optional(self, key: str, kind: type[T]) -> T | None:
        """The value of a key, if it is there."""
        return self.take(key, kind) if key in self._left else None

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """The value of a key, which is one of some."""
        value = self.take(key, str)
        if value not in choices:
            raise NotUnderstood(f"{self._where}: {key}: {value!r} is not known")
        return value

    def each(self, key: str, read: Callable[[Any], T]) -> list[T]:
        """What an array of objects holds; none, if it is not there."""
        return [read(value) for value in self.take(key, list, [])]

    def end(self) -> None:
        """Nothing may be left."""
        for key in self._left:
            raise NotUnderstood(f"{self._where}: {key!r} is not known")


@dataclass
class Packet:
    """Bytes, and what a handler sees of them."""

    name: str
    data: bytes
    seen: str | None


@dataclass
class Action:
    """One thing that a handler does."""

    kind: str
    result: str = "ok"
    packet: Packet | None = None
    route: dict[str, Any] = field(default_factory=dict)


@dataclass
class Handler:
    """What a handler is for, what it does, and what it decides."""

    family: int | None
    echo_replies: bool
    does: list[Action]
    then: str


@dataclass
class Step:
    """One step; None stands for what it leaves as it is."""

    handlers: list[Handler] | None
    sockets: list[dict[str, Any]] | None
    advance: int
    kind: str
    nic: int = 1
    result: str = "ok"
    packet: Packet | None = None
    sees: list[Packet] = field(default_factory=list)
    out: list[Packet] = field(default_factory=list)


@dataclass
class Vector:
    """A vector; options are as the functions of the package take them."""

    name: str
    stack: dict[str, Any]
    nics: list[dict[str, Any]]
    routes: list[dict[str, Any]]
    policies: list[dict[str, Any]]
    icmp_rate: dict[str, Any] | None
    icmp_limited: list[dict[str, Any]]
    sockets: list[dict[str, Any]]
    handlers: list[Handler]
    steps: list[Step]
    counters: dict[str, int]


class Reader:
    """Reads the vectors of one file."""

    def __init__(self, path: Path) -> None:
        self._where = str(path)
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise NotUnderstood(f"{path}: {error}") from error
        fields = Fields(value, self._where)
        self.path = path
        self.group = fields.take("group", str)
        fields.take("about", str)
        try:
            self._of_file = self._packets(fields)
            self._packets_now = self._of_file
            self.vectors = fields.each("vectors", self._vector)
        except (LookupError, TypeError, ValueError) as error:
            raise NotUnderstood(f"{self._where}: {error!r}") from error
        fields.end()

    def _counters(self, fields: Fields) -> dict[str, int]:
        counters = fields.take("counters", dict)
        if not all(isinstance(value, int) and value > 0 for value in counters.values()):
            raise NotUnderstood(f"{self._where}: a counter is no number from 1 on")
        return counters

    def _fields(self, value: object) -> Fields:
        return Fields(value, self._where)

    def _packets(self, fields: Fields) -> dict[str, Packet]:
        return {name: self._packet(name, value) for name, value in fields.take("packets", dict, {}).items()}

    def _packet(self, name: str, value: object) -> Packet:
        fields = self._fields(value)
        data = b""
        for line in fields.take("bytes", list):
            word, _, digits = str(line).partition(" ")
            if word not in ("ipv4", "ipv6", "icmp", "data", "padding"):
                raise NotUnderstood(f"{self._where}: {word!r} is not known")
            data += bytes.fromhex(digits)
        packet = Packet(name, data, fields.optional("seen", str))
        fields.optional("malformed", str)
        fields.end()
        return packet

    def _named(self, name: object) -> Packet:
        if not isinstance(name, str) or name not in self._packets_now:
            raise NotUnderstood(f"{self._where}: there is no packet {name!r}")
        return self._packets_now[name]

    def _vector(self, value: object) -> Vector:
        fields = self._fields(value)
        name = fields.take("name", str)
        self._where = f"{self._where.partition(': ')[0]}: {name}"
        self._packets_now = self._of_file | self._packets(fields)
        vector = Vector(
            name,
            self._options(
                fields.take("stack", dict, {}), strict_routes=bool, default_ttl=int, default_hop_limit=int
            ),
            fields.each("nics", self._nic),
            fields.each("routes", self._route),
            fields.each("policies", self._policy),
            self._rate(fields.optional("icmp_rate", dict)),
            fields.each("icmp_limited", self._limited),
            fields.each("sockets", self._socket),
            fields.each("handlers", self._handler),
            fields.each("steps", self._step),
            self._counters(fields),
        )
        fields.end()
        return vector

    def _options(self, value: object, **kinds: type) -> dict[str, Any]:
        fields = self._fields(value)
        options = {key: fields.optional(key, kind) for key, kind in kinds.items()}
        fields.end()
        return {key: option for key, option in options.items() if option is not None}

    def _nic(self, value: object) -> dict[str, Any]:
        flags = {"promiscuous": bool, "spoofing": bool, "side_by_side": bool}
        texts = {"addresses": list, "prefixes": list, "groups": list}
        return self._options(value, number=int, mtu=int, capacity=int, **texts, **flags)

    def _route(self, value: object) -> dict[str, Any]:
        options = self._options(value, to=str, nic=int, gateway=str)
        return {"destination": options.pop("to"), **options}

    def _policy(self, value: object) -> dict[str, Any]:
        options = self._options(value, family=str, destination=str, policy=str)
        return {**options, "family": FAMILIES[options["family"]]}

    def _rate(self, value: object) -> dict[str, Any] | None:
        if value is None:
            return None
        fields = self._fields(value)
        per_second, burst = fields.take("per_second", int), fields.take("burst", int)
        fields.end()
        return {"per_second": None if per_second == UNLIMITED else per_second, "burst": burst}

    def _limited(self, value: object) -> dict[str, Any]:
        fields = self._fields(value)
        family = FAMILIES[fields.choice("family", ("ipv4", "ipv6"))]
        icmp_type, limited = fields.take("type", int), fields.take("limited", bool)
        fields.end()
        return {"family": family, "icmp_type": icmp_type, "limited": limited}

    def _socket(self, value: object) -> dict[str, Any]:
        options = self._options(value, family=str, identifier=int, address=str)
        return {**options, "family": FAMILIES[options["family"]]}

    def _handler(self, value: object) -> Handler:
        fields = self._fields(value)
        handler = Handler(
            FAMILIES[fields.choice("family", tuple(FAMILIES))],
            fields.take("echo_replies", bool, False),
            fields.each("does", self._action),
            fields.choice("then", ("consumed", "declined", "fails")),
        )
        fields.end()
        return handler

    def _action(self, value: object) -> Action:
        fields = self._fields(value)
        kind = next((kind for kind in ACTIONS if isinstance(value, dict) and kind in value), "")
        action = Action(kind)
        if kind == "inject":
            action.packet = self._named(fields.take(kind, str))
            action.result = fields.take("result", str, "ok")
        elif kind == "route":
            action.route = self._route(fields.take(kind, dict))
        elif kind == "keep":
            action.result = fields.choice(kind, ("request", "packet"))
        elif not kind:
            raise NotUnderstood(f"{self._where}: an action is expected")
        else:
            action.result = fields.take(kind, str)
        fields.end()
        return action

    def _step(self, value: object) -> Step:
        fields = self._fields(value)
        has = value if isinstance(value, dict) else {}
        handlers = fields.each("handlers", self._handler) if "handlers" in has else None
        sockets = fields.each("sockets", self._socket) if "sockets" in has else None
        step = Step(handlers, sockets, fields.take("advance", int, 0), "prepare")
        if "inject" in has:
            step.kind = "inject"
            step.packet = self._named(fields.take("inject", str))
            step.nic = fields.take("nic", int, 1)
            step.result = fields.take("result", str, "ok")
            step.sees = fields.each("sees", self._named)
            step.out = fields.each("out", self._named)
        elif "kept" in has:
            step.kind = "kept " + fields.choice("kept", ("reply", "reply elsewhere", "packet"))
            step.result = fields.take("result", str)
        elif "packet" in has:
            step.kind = "packet"
            step.packet = self._named(fields.take("packet", str))
        fields.end()
        return step
