"""Long work started from a page: a command of ours in a process of its own, one at a time, its progress shown live."""

import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from data_sources import program
from pages.shared import reads

PROJECT = Path(__file__).parents[2]
KEPT_LINES = 400


@dataclass
class Job:
    """Commands that run one after another; the first that fails ends it."""

    title: str
    commands: list[tuple[str, list[str]]]
    lines: list[str] = field(default_factory=list)
    doing: str = ""
    started_at: object = None
    ended_at: object = None
    code: int | None = None

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self.code is None

    def run(self) -> None:
        """Run the commands and keep what they print."""
        code = 1
        try:
            for doing, arguments in self.commands:
                self.doing = doing
                code = self._one(arguments)
                if code:
                    break
        except OSError as error:
            self.lines.append(str(error))
        finally:
            self.ended_at = program.now()
            self.code = code

    def _one(self, arguments: list[str]) -> int:
        with subprocess.Popen(
            ["nice", sys.executable, "-m", *arguments],  # pages come first
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process:
            for line in process.stdout:
                if line.strip():
                    self.lines.append(line.rstrip())
                    del self.lines[:-KEPT_LINES]
        return process.returncode


class Jobs:
    """The one job that this server runs, and the last that it ran."""

    def __init__(self) -> None:
        self.last: Job | None = None
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        """Whether a job is at work now."""
        return self.last is not None and self.last.running

    def start(self, title: str, commands: list[tuple[str, list[str]]]) -> bool:
        """Start a job unless one is running; says whether it was started."""
        with self._lock:
            if self.running:
                return False
            self.last = Job(title, commands, started_at=program.now())
            threading.Thread(target=self.last.run, daemon=True).start()
            return True


@st.cache_resource
def jobs() -> Jobs:
    """The jobs of this server, shared by everyone who looks at it."""
    return Jobs()


def refresh() -> None:
    """Start a refresh, or say that one is running. A home without a program gets one to start from."""
    begin = [] if program.exists(reads.home()) else [("Setting up", ["data_sources", "init", "--home", _home()])]
    _start("Refreshing", [*begin, ("Reading the sources and building", ["sql", "refresh", "--home", _home()])])


def build() -> bool:
    """Start a build of what is stored already, reading no source; says whether it was started."""
    return jobs().start("Building", [("Building from what is stored", ["sql", "build", "--home", _home()])])


def load_demo(requests: int) -> None:
    """Write the demo company into the home and refresh it."""
    write = ["data_sources", "demo", "--home", _home(), "--requests", str(requests)]
    read = ["sql", "refresh", "--home", _home()]
    _start(
        "Loading the demo company",
        [("Writing 18 months of Harborline's logs, bills and tickets", write), ("Reading them as any company's", read)],
    )


def _home() -> str:
    return str(reads.home().resolve())


def _start(title: str, commands: list[tuple[str, list[str]]]) -> None:
    if not jobs().start(title, commands):
        st.toast("One is running already; its progress is shown.", icon=":material/hourglass_top:")


@st.fragment(run_every=1)
def _watch() -> None:
    job = jobs().last
    if job.running:
        _show(job, "running")
    else:
        st.rerun()


def progress() -> None:
    """The running job's progress, live, or how the last one ended."""
    job = jobs().last
    if job and job.running:
        _watch()
    elif job:
        _show(job, "error" if job.code else "complete")


def _show(job: Job, state: str) -> None:
    took = ((job.ended_at or program.now()) - job.started_at).total_seconds()
    label = {
        "running": f"{job.title}: {job.doing.lower()} · {took:.0f} s",
        "complete": f"{job.title}: done in {took:.0f} s",
        "error": f"{job.title}: it failed after {took:.0f} s",
    }[state]
    with st.status(label, state=state, expanded=state != "complete"):
        st.code("\n".join(job.lines[-12:]) or "Starting …", language=None, wrap_lines=True)


def notice() -> None:
    """On every page: a word that a refresh is running, or has just ended."""
    job = jobs().last
    if job is None:
        return
    key = str(job.started_at)
    if job.running:
        st.session_state["_job_seen"] = key
        st.caption(f":material/sync: {job.title} is running; these pages move on to its result when it is done.")
    elif st.session_state.pop("_job_seen", None) == key:
        st.toast(f"{job.title}: {'it failed; Sources says why' if job.code else 'done'}", icon=":material/sync:")
