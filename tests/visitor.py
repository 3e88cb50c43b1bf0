"""A visitor without a browser: it speaks to a real dashboard as Streamlit's own front end does, and notes what it is shown."""

import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState, ContextInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

PATIENCE = 120
_VALUE = {"text_input": "string_value", "text_area": "string_value", "selectbox": "string_value"}


class Broken(RuntimeError):
    """The session ended, or its server did not answer in time."""


@dataclass
class View:
    """What a visitor has before them: elements in the order of the page; `seconds` from asking to the end of the last run."""

    page: str
    seconds: float
    elements: list[Any]
    errors: list[str]
    bytes: int

    @property
    def text(self) -> str:
        """What the page says in words, titles of boxes and of fields included."""
        return "\n".join(part for one in self.elements for part in _words(one))

    def of_kind(self, *kinds: str) -> list[Any]:
        """The widgets of some kinds (button, selectbox, text_input, …)."""
        return [getattr(one, kind) for one in self.elements for kind in kinds if one.WhichOneof("type") == kind]


@dataclass
class Visitor:
    """One session: a websocket, the pages by their addresses, their sections and titles in the menu, and what a browser would keep."""

    socket: ClientConnection
    address: str
    query: str = ""
    page: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    menu: dict[str, tuple[str, str]] = field(default_factory=dict)
    _placed: dict[tuple[int, ...], Any] = field(default_factory=dict)
    _runs: dict[tuple[int, ...], str] = field(default_factory=dict)
    _cached: dict[str, Any] = field(default_factory=dict)
    _touched: dict[str, WidgetState] = field(default_factory=dict)
    last: View | None = None

    def open(self, path: str = "", query: str = "") -> View:
        """Open an address, as somebody who follows a link from outside."""
        self.query = query
        return self._ask(page_name=path)

    def go(self, path: str, query: str = "") -> View:
        """Choose a page of the menu (by its address, empty for the first page), or follow a link with a query."""
        self.query = query
        self._touched.clear()
        return self._ask(page_script_hash=self.pages[path])

    def put(self, widget: Any, kind: str, value: Any) -> None:
        """Give a widget a value; the page hears of it with what is asked next."""
        state = WidgetState(id=widget.id)
        if kind == "button_group":
            state.string_array_value.data.append(value)
        elif kind == "button":
            state.trigger_value = True
        else:
            setattr(state, _VALUE[kind], value)
        self._touched[widget.id] = state

    def fill(self, kind: str, name: str, value: Any) -> None:
        """Fill a field."""
        self.put(self.widget(kind, name), kind, value)

    def press(self, label: str) -> View:
        """Press a button. Raises LookupError where there is none, or it cannot be pressed."""
        button = self.widget("button", label)
        if button.disabled:
            raise LookupError(f"{label} cannot be pressed")
        self.put(button, "button", True)
        view = self.again()
        self._touched.pop(button.id, None)
        return view

    def again(self) -> View:
        """Run the page with the values that its widgets have now."""
        return self._ask(page_script_hash=self.page)

    def widget(self, kind: str, name: str) -> Any:
        """The first widget of a kind with this label, placeholder or key. Raises LookupError where there is none."""
        for one in self.last.of_kind(kind):
            if name in (one.label, getattr(one, "placeholder", None)) or one.id.endswith(f"-{name}"):
                return one
        raise LookupError(f"no {kind} {name} on {self.last.page}: {self.last.text[-2000:]}")

    def _ask(self, **where: str) -> View:
        state = ClientState(
            query_string=self.query,
            cached_message_hashes=list(self._cached),
            context_info=ContextInfo(timezone="UTC", locale="en-US", url=self.address, color_scheme="light"),
            **where,
        )
        state.widget_states.widgets.extend(self._touched.values())
        began = time.monotonic()
        try:
            self.socket.send(BackMsg(rerun_script=state).SerializeToString())
            errors, size = self._listen(began + PATIENCE)
        except (ConnectionClosed, TimeoutError) as error:
            raise Broken(f"{where}: {type(error).__name__} {error}") from error
        shown = [self._placed[path] for path in sorted(self._placed)]
        names = {hashed: path for path, hashed in self.pages.items()}
        self.last = View(names.get(self.page, self.page), time.monotonic() - began, shown, errors, size)
        return self.last

    def _listen(self, until: float) -> tuple[list[str], int]:
        """Take what comes until a whole run has ended; errors are what the run itself says of failures."""
        errors, run, size = [], "", 0
        while True:
            raw = self.socket.recv(timeout=max(0.0, until - time.monotonic()))
            size += len(raw)
            message = ForwardMsg.FromString(raw)
            kind = message.WhichOneof("type")
            if kind == "ref_hash":
                kept = self._cached[message.ref_hash]
                message.delta.CopyFrom(kept.delta)
                kind = "delta"
            elif message.metadata.cacheable:
                self._cached[message.hash] = message
            if kind == "new_session":
                run, self.page = message.metadata.run.script_run_id, message.new_session.page_script_hash
            elif kind == "navigation":
                listed = {
                    "" if one.is_default else one.url_pathname.strip("/"): one for one in message.navigation.app_pages
                }
                self.pages = {path: one.page_script_hash for path, one in listed.items()}
                self.menu = {path: (one.section_header, one.page_name) for path, one in listed.items()}
                self.page = message.navigation.page_script_hash or self.page
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "page_not_found":
                errors.append(f"no such page {message.page_not_found.page_name}")
            elif kind == "delta":
                errors += self._place(message, run)
            elif kind == "session_event" and message.session_event.HasField("script_compilation_exception"):
                errors.append(message.session_event.script_compilation_exception.message)
            elif kind == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    errors.append("the script does not compile")
                elif message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    self._sweep(run)
                    return errors, size

    def _place(self, message: Any, run: str) -> list[str]:
        """Put an element where it belongs; what was below a block goes with a new one. Returns an exception that it shows."""
        path, delta = tuple(message.metadata.delta_path), message.delta
        kind = delta.WhichOneof("type")
        if kind == "new_element":
            self._placed[path], self._runs[path] = delta.new_element, run
            if delta.new_element.WhichOneof("type") == "exception":
                shown = delta.new_element.exception
                return [f"{shown.type}: {shown.message}"]
        return []

    def _sweep(self, run: str) -> None:
        """Take away what the run that has ended did not draw."""
        for path in [path for path, drawn in self._runs.items() if drawn != run]:
            del self._placed[path], self._runs[path]


@contextmanager
def visitor(address: str) -> Iterator[Visitor]:
    """A session with a dashboard: what a browser asks for first, then the websocket."""
    for asked in ("/", "/_stcore/health", "/_stcore/host-config"):
        with urllib.request.urlopen(address + asked, timeout=PATIENCE) as answer:
            answer.read()
    host = urlsplit(address).netloc
    with connect(
        f"ws://{host}/_stcore/stream",
        origin=address,
        subprotocols=["streamlit", "PLACEHOLDER_AUTH_TOKEN"],
        max_size=None,
        open_timeout=PATIENCE,
    ) as socket:
        yield Visitor(socket, address)


def _words(element: Any) -> list[str]:
    """The words of an element's own fields, one after the other; styles are none."""
    kind = element.WhichOneof("type")
    one = getattr(element, kind)
    if kind == "html":
        return []
    return [value for _, value in one.ListFields() if isinstance(value, str)] if hasattr(one, "ListFields") else []
