"""Prints "TOTAL BAD" for a JUnit report of pytest: bad is what failed, broke or was skipped."""

import sys
from xml.etree import ElementTree

total = bad = 0
for suite in ElementTree.parse(sys.argv[1]).iter("testsuite"):
    total += int(suite.get("tests", "0"))
    bad += sum(int(suite.get(kind, "0")) for kind in ("failures", "errors", "skipped"))
print(total, bad)
