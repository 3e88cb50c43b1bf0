"""Makes a demo home through the commands that people use."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def command(*arguments: object) -> subprocess.CompletedProcess:
    """Run `python -m …` from the checkout; raises with its output when it fails."""
    done = subprocess.run([sys.executable, "-m", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def build(home: Path, requests: int, as_of: str, seed: int = 7) -> Path:
    """Write the demo company and refresh it; returns the home."""
    command("data_sources", "demo", "--home", home, "--requests", requests, "--seed", seed, "--as-of", as_of)
    command("sql", "refresh", "--home", home)
    return home
