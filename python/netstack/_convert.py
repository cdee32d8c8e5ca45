"""Arguments as the extension wants them.

Each function takes the name of the argument for the sentence that it raises: `TypeError` for a
wrong type, `InvalidArgument` for a value that makes no sense.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    ip_address,
    ip_interface,
)
from operator import index
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from netstack.errors import InvalidArgument

if TYPE_CHECKING:
    from typing_extensions import Buffer

# What the public functions take.
Address: TypeAlias = str | IPv4Address | IPv6Address
Prefix: TypeAlias = str | IPv4Network | IPv6Network | IPv4Interface | IPv6Interface

# What the extension takes: packed bytes with the NIC of the scope (0: none), or with a length.
ScopedAddress: TypeAlias = tuple[bytes, int]
PackedPrefix: TypeAlias = tuple[bytes, int]

NANOSECONDS: Final = 1_000_000_000  # in a second
MAXIMUM_SECONDS: Final = 9_000_000_000  # 285 years; in nanoseconds just below 2**63
MAXIMUM_16: Final = 2**16 - 1
MAXIMUM_64: Final = 2**64 - 1
MAXIMUM_NIC: Final = 2**32 - 1
_NIC_DIGITS: Final = len(str(MAXIMUM_NIC))

_PREFIX: Final = "an address with a prefix length, such as 10.7.0.0/16 or fd07::/64"  # as C says it

_T = TypeVar("_T")
_P = TypeVar("_P")
_F = TypeVar("_F", bound=Callable[..., object])


def _wrong_type(name: str, wanted: str, value: object) -> TypeError:
    return TypeError(f"{name} must be {wanted}, not {type(value).__name__}")


def instance(value: _T, name: str, kind: type, wanted: str) -> _T:
    """Take only instances of a class, which the sentence calls `wanted`."""
    if not isinstance(value, kind):
        raise _wrong_type(name, wanted, value)
    return value


def function(value: _F, name: str) -> _F:
    """Take only what can be called."""
    if not callable(value):
        raise _wrong_type(name, "callable", value)
    return value


def optional_function(value: _F | None, name: str) -> _F | None:
    """Take only what can be called, or None."""
    return None if value is None else function(value, name)


def flag(value: bool, name: str, bit: int) -> int:
    """Turn True into the bit, False into 0."""
    return bit if instance(value, name, bool, "True or False") else 0


def integer(value: int, name: str, lowest: int, highest: int, wanted: str = "an int") -> int:
    """Take integers of a range; also those of other libraries, but no bool."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise _wrong_type(name, wanted, value)
    number = index(value)
    if not lowest <= number <= highest:
        raise InvalidArgument(f"{name} must be from {lowest} to {highest}, not {_shown(number)}")
    return number


def _shown(number: float) -> str:
    """Write a number; Python refuses to write an int of some thousand digits."""
    try:
        return str(number)
    except ValueError:
        return "a number of thousands of digits"


def optional_integer(value: int | None, name: str, lowest: int, highest: int) -> int:
    """Take integers of a range from 1 on; None, the default of the library, becomes 0."""
    return 0 if value is None else integer(value, name, lowest, highest)


def nanoseconds(seconds: float, name: str) -> int:
    """Turn seconds into the nearest number of nanoseconds."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise _wrong_type(name, "a number of seconds", seconds)
    if not 0 <= seconds <= MAXIMUM_SECONDS:  # as nothing is for NaN
        raise InvalidArgument(f"{name} must be from 0 to {MAXIMUM_SECONDS} seconds, not {_shown(seconds)}")
    return round(seconds * NANOSECONDS)


def choice(value: str, name: str, choices: Mapping[str, int]) -> int:
    """Turn one of a few words into its number."""
    if instance(value, name, str, "a str") not in choices:
        *most, last = map(repr, choices)
        raise InvalidArgument(f"{name} must be {', '.join(most)} or {last}, not {value!r}")
    return choices[value]


def family(value: int) -> int:
    """Take 4 or 6."""
    number = integer(value, "family", 0, MAXIMUM_NIC)
    if number not in (4, 6):
        raise InvalidArgument(f"family must be 4 or 6, not {number}")
    return number


def family_of(packed: bytes) -> int:
    """Tell the family of a packed address: 4 or 6."""
    return 4 if len(packed) == 4 else 6


def octets(value: Buffer, name: str) -> bytes:
    """Take anything bytes-like; a copy of what is not bytes, since that could change meanwhile."""
    if isinstance(value, bytes):
        return value
    try:
        view = memoryview(value)
    except TypeError:
        raise _wrong_type(name, "bytes-like", value) from None
    if not view.c_contiguous:
        raise InvalidArgument(f"{name} has gaps between its bytes, or runs backwards")
    return view.tobytes()


def address(value: Address, name: str) -> ScopedAddress:
    """Pack "192.0.2.1", "fe80::1%1" (the scope is the id of a NIC) or an ipaddress object."""
    if isinstance(value, str):
        try:
            value = ip_address(value)
        except ValueError:
            raise InvalidArgument(f"{name}: {value!r} is not an IPv4 or IPv6 address") from None
    if isinstance(value, IPv4Address):
        return value.packed, 0
    if isinstance(value, IPv6Address):
        return value.packed, _scope(value, name)
    raise _wrong_type(name, "a str or an ipaddress address", value)


def optional_address(value: Address | None, name: str) -> ScopedAddress | None:
    """Pack an address; None stays None."""
    return None if value is None else address(value, name)


def bare_address(value: Address, name: str) -> bytes:
    """Pack an address where a scope means nothing, and is refused."""
    packed, scope = address(value, name)
    if scope:
        raise _scoped(value, name)
    return packed


def _scope(value: IPv6Address, name: str) -> int:
    scope = value.scope_id
    if scope is None:
        return 0
    # Python refuses to read a number of some thousand digits.
    if len(scope) <= _NIC_DIGITS and scope.isascii() and scope.isdigit() and 0 < int(scope) <= MAXIMUM_NIC:
        return int(scope)
    raise InvalidArgument(f"{name}: the scope of '{value}' is not the id of a NIC, such as fe80::1%1")


def prefix(value: Prefix, name: str) -> PackedPrefix:
    """Pack "10.7.0.0/16" or an ipaddress network or interface; text without a length is none."""
    if isinstance(value, (IPv4Network, IPv6Network)):
        return _unscoped(value.network_address, name), value.prefixlen
    if isinstance(value, (IPv4Interface, IPv6Interface)):
        return _unscoped(value, name), value.network.prefixlen
    if not isinstance(value, str):
        raise _wrong_type(name, "a str or an ipaddress network or interface", value)
    packed = _prefix_of_text(value) if "/" in value else None
    if packed is None:
        raise InvalidArgument(f"{name}: {value!r} is not {_PREFIX}")
    return packed


def assigned(value: Address, name: str) -> PackedPrefix:
    """Pack an address with its subnet, "192.168.0.1/24"; alone it is a subnet of its own."""
    if isinstance(value, (IPv4Interface, IPv6Interface)):
        return _unscoped(value, name), value.network.prefixlen
    if isinstance(value, (IPv4Address, IPv6Address)):
        return _unscoped(value, name), value.max_prefixlen
    if not isinstance(value, str):
        raise _wrong_type(name, "a str or an ipaddress address or interface", value)
    packed = _prefix_of_text(value)
    if packed is None:
        raise InvalidArgument(f"{name}: {value!r} is not {_PREFIX}")
    return packed


def _unscoped(value: IPv4Address | IPv6Address, name: str) -> bytes:
    if isinstance(value, IPv6Address) and value.scope_id is not None:
        raise _scoped(value, name)
    return value.packed


def _scoped(value: Address, name: str) -> InvalidArgument:
    return InvalidArgument(f"{name}: {value} has a scope, which means nothing here")


def _prefix_of_text(text: str) -> PackedPrefix | None:
    _, slash, length = text.partition("/")
    plain = length.isascii() and length.isdigit() and (length == "0" or length[0] != "0")
    if "%" in text or (slash and not plain):  # ipaddress knows scopes and masks as well, and 08
        return None
    try:
        interface = ip_interface(text)
    except ValueError:
        return None
    return interface.packed, interface.network.prefixlen


def each(values: Iterable[_T], name: str, convert: Callable[[_T, str], _P]) -> list[_P]:
    """Convert every item of an iterable; the sentence says which was wrong."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise _wrong_type(name, "an iterable such as a list", values)
    return [convert(value, f"{name}[{position}]") for position, value in enumerate(values)]
