"""[source.columns]: what can be named, and what each mistake says."""

import pytest

from data_sources.program import ProgramError, load

BEFORE = '[program]\nname = "Harbor"\n[[source]]\nname = "own"\nkind = "logs"\npaths = ["own/*"]\n'


def loaded(tmp_path, text):
    (tmp_path / "program.toml").write_text(BEFORE + text, encoding="utf-8")
    return load(tmp_path).sources[0]


def test_what_is_named_is_kept_and_the_rest_is_not_there(tmp_path):
    source = loaded(
        tmp_path, 'format = "json"\nlatency_unit = "ns"\n[source.columns]\noccurred_at = "ts"\nlatency = "took.all"\n'
    )
    assert source.columns.named == {"occurred_at": "ts", "latency": "took.all"}
    assert (source.latency_unit, source.time) == ("ns", None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('format = "json"\n', 'format = "json" needs [source.columns]'),
        ('format = "csv"\n', 'format = "csv" needs [source.columns]'),
        ('time = "epoch_s"\n', "belong to [source.columns]"),
        ('[source.columns]\noccurred_at = "ts"\n', 'are for format = "json" or "csv", not for "auto"'),
        ('format = "kong"\n[source.columns]\noccurred_at = "ts"\n', 'not for "kong"'),
        ('format = "json"\n[source.columns]\nmethod = "verb"\n', "columns.occurred_at: is missing"),
        (
            'format = "json"\n[source.columns]\noccurred_at = "ts"\nmetod = "verb"\n',
            "line 10: source.1.columns.metod: no such key",
        ),
        ('format = "json"\n[source.columns]\noccurred_at = "ts"\nlatency = "took"\n', "latency_unit is missing"),
        ('format = "json"\nlatency_unit = "s"\n[source.columns]\noccurred_at = "ts"\n', "latency_unit is of no use"),
        (
            'format = "json"\nlatency_unit = "min"\n[source.columns]\noccurred_at = "ts"\nlatency = "t"\n',
            "'s', 'ms', 'us' or 'ns'",
        ),
        (
            'format = "json"\ntime = "unix"\n[source.columns]\noccurred_at = "ts"\n',
            "'iso', 'epoch_s', 'epoch_ms' or 'clf'",
        ),
        ('format = "json"\n[source.columns]\noccurred_at = ""\n', "columns.occurred_at"),
        ('format = "json"\n[source.columns]\noccurred_at = 1\n', "a position is for a CSV"),
        ('format = "json"\n[source.columns]\noccurred_at = "a..b"\n', "no path of keys"),
        ('format = "json"\n[source.columns]\noccurred_at = \'a"b\'\n', "no path of keys"),
        ('format = "json"\n[source.columns]\noccurred_at = "a from record"\n', "no path of keys"),
        ('format = "json"\n[source.columns]\noccurred_at = "t"\nmethod = "T"\n', "differ in case alone"),
        ('format = "json"\n[source.columns]\noccurred_at = "t"\nmethod = "t.x"\n', "cannot be a value and hold"),
        ('format = "json"\n[source.columns]\noccurred_at = "t.x"\nmethod = "t"\n', "cannot be a value and hold"),
        ('format = "csv"\n[source.columns]\noccurred_at = 1\nmethod = "verb"\n', "all by their position"),
        ('format = "csv"\n[source.columns]\noccurred_at = 0\n', "columns.occurred_at"),
        ('format = "csv"\n[source.columns]\noccurred_at = "--"\n', "is no header"),
    ],
)
def test_each_mistake_is_named(tmp_path, text, said):
    with pytest.raises(ProgramError) as caught:
        loaded(tmp_path, text)
    assert said in str(caught.value)
