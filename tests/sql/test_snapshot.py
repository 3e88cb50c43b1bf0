"""Snapshots: published whole, read by many threads while the next ones are published, the last three kept."""

import threading
from datetime import datetime, timedelta

import pytest

from sql import snapshot
from sql.engines import duckdb as engine

AT = datetime(2026, 3, 1, 12)


def publish(home, number: int) -> str:
    name = snapshot.new_name(home, AT + timedelta(seconds=number))
    aside = home / "snapshots" / ".building.duckdb"
    aside.parent.mkdir(parents=True, exist_ok=True)
    con = engine.connect(aside)
    con.execute("create table snapshot_info (name varchar, as_of timestamp, built_at timestamp, fingerprint varchar)")
    con.execute("insert into snapshot_info values (?, ?, ?, 'f')", [name, AT, AT])
    con.execute(f"create table a as select {number} as n from range(1000)")
    con.execute(f"create table b as select {number} as n from range(1000)")
    con.execute("checkpoint")
    con.close()
    snapshot.publish(home, aside, name)
    return name


def test_nothing_published_yet(tmp_path):
    assert snapshot.current(tmp_path) is None
    assert snapshot.failure(tmp_path) is None


def test_the_newest_is_current_and_three_are_kept(tmp_path):
    names = [publish(tmp_path, n) for n in range(5)]
    found = snapshot.current(tmp_path)
    assert (found.name, found.as_of, found.fingerprint, found.failed) == (names[-1], AT, "f", None)
    assert sorted(path.stem for path in (tmp_path / "snapshots").glob("[!.]*.duckdb")) == names[2:]


def test_names_sort_in_the_order_of_building(tmp_path):
    names = []
    for seconds in (0, 0, 0, 1, 0):
        name = snapshot.new_name(tmp_path, AT + timedelta(seconds=seconds))
        (tmp_path / "snapshots").mkdir(exist_ok=True)
        (tmp_path / "snapshots" / f"{name}.duckdb").touch()
        names.append(name)
    assert names == sorted(set(names))


def test_a_failure_is_known_until_the_next_success(tmp_path):
    publish(tmp_path, 1)
    snapshot.fail(tmp_path, AT, "marts/a.sql: no")
    assert snapshot.current(tmp_path).failed == "marts/a.sql: no"
    publish(tmp_path, 2)
    assert snapshot.current(tmp_path).failed is None


def test_a_snapshot_cannot_be_written(tmp_path):
    publish(tmp_path, 1)
    with pytest.raises(engine.Error, match="read-only"):
        snapshot.current(tmp_path).execute("create table x as select 1 as n")


def test_a_pointer_to_nothing_says_so(tmp_path):
    publish(tmp_path, 1)
    (tmp_path / "snapshots" / "CURRENT").write_text("20990101T000000Z\n")
    with pytest.raises(FileNotFoundError, match="run a refresh"):
        snapshot.current(tmp_path)


def test_readers_see_one_snapshot_each_while_others_are_published(tmp_path):
    publish(tmp_path, 0)
    stop = threading.Event()
    wrong: list[object] = []
    reads = [0]

    def read() -> None:
        while not stop.is_set():
            try:
                mine = snapshot.current(tmp_path)
                first = mine.execute("select min(n), max(n), count(*) from a")[1][0]
                second = mine.execute("select min(n), max(n), count(*) from b")[1][0]
                if first != second or first[0] != first[1] or first[2] != 1000:
                    wrong.append((first, second))
                reads[0] += 1
            except Exception as error:  # noqa: BLE001  any error in a reader is what this test looks for
                wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for n in range(1, 12):
        publish(tmp_path, n)
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:3]
    assert reads[0] > 10
