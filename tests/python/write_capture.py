"""Writes a capture of one Echo Request, from 192.0.2.1 to 192.0.2.7: write_capture.py FILE."""

import struct
import sys
from pathlib import Path

# In microseconds, version 2.4, raw IP.
HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
REQUEST = bytes.fromhex(
    "45000020000040004001b6d4c0000201c0000207"  # IPv4, 32 bytes, TTL 64
    "08002724000100056b656570"  # Echo Request, identifier 1, sequence 5, four bytes of data
)


def main() -> None:
    """Writes the file that the command line names."""
    Path(sys.argv[1]).write_bytes(HEADER + struct.pack("<IIII", 1, 0, 32, 32) + REQUEST)


main()
