"""python -m tests.benchmarks NAME [--scale S]: runs one; the last line that it prints is one JSON object."""

import argparse
import importlib
import json
from pathlib import Path


def main() -> None:
    """Run the benchmark that is named."""
    names = sorted(
        path.stem for path in Path(__file__).parent.glob("[!_]*.py") if "\ndef run(" in path.read_text(encoding="utf-8")
    )
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("name", choices=names)
    parser.add_argument("--scale", type=float, default=1.0, help="a share of the full size (default 1)")
    given = parser.parse_args()
    figures = importlib.import_module(f"tests.benchmarks.{given.name}").run(given.scale)
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
