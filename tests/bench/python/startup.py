"""What `import netstack` costs beyond starting Python."""

import statistics
import subprocess
import sys
import time

GOAL = 60  # milliseconds
ROUNDS = 20


def start(code: str) -> float:
    """Milliseconds that an interpreter takes for it."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-c", code], check=True)
    return (time.perf_counter() - begin) * 1000


def main() -> None:
    """Prints minima and medians."""
    path = f"import sys; sys.path[:0] = {sys.path!r}; "
    codes = {"nothing": path, "netstack": path + "import netstack"}
    times: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(ROUNDS):
        for name, code in codes.items():
            times[name].append(start(code))
    by_minima = min(times["netstack"]) - min(times["nothing"])
    by_medians = statistics.median(times["netstack"]) - statistics.median(times["nothing"])
    verdict = " MISSED" if by_minima > GOAL else ""
    print(f"import netstack, beyond Python's own start: {by_minima:.1f} ms by minima{verdict},")
    print(f"{by_medians:.1f} ms by medians")


if __name__ == "__main__":
    main()
