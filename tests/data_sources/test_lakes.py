"""A lake in a folder."""

from data_sources.lakes import FolderLake


def test_a_day_of_a_folder_may_lie_on_another_disk(tmp_path):
    (tmp_path / "disk" / "day=2026-01-01").mkdir(parents=True)
    (tmp_path / "disk" / "day=2026-01-01" / "x.parquet").write_bytes(b"1")
    (tmp_path / "lake" / "requests").mkdir(parents=True)
    (tmp_path / "lake" / "requests" / "day=2026-01-01").symlink_to(tmp_path / "disk" / "day=2026-01-01")
    assert FolderLake(tmp_path / "lake").stored(["requests"]).keys() == {"requests/day=2026-01-01/x.parquet"}
