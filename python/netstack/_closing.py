"""What has an end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self


class Closing(ABC):
    """Something to be closed, as it is at the end of its `with` block."""

    @abstractmethod
    def close(self) -> None:
        """End it. Does nothing the second time."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
