"""What the translator writes means in Spark what it meant in DuckDB, or it refuses."""

import pytest

from sql.engines import duckdb, patterns, spark, translate

EXPRESSIONS = [
    r"regexp_matches('a' || chr(10), 'a$')",
    r"regexp_matches('a' || chr(13) || 'b', 'a.b')",
    r"regexp_matches('a' || chr(10) || 'b', 'a.b')",
    r"regexp_matches('a' || chr(10) || 'b', 'A.B', 'is')",
    r"regexp_matches('x' || chr(160) || 'y', 'x\sy')",
    r"regexp_matches('٣', '\d')",
    r"regexp_matches('é', '\w')",
    r"regexp_matches('É' || chr(8490), '(?i)^ék$')",
    r"regexp_matches('a&&[b]~~', '^[a&&b~~[\]]+$')",
    r"regexp_full_match('ab', 'a|ab')",
    r"regexp_replace('aXbX', 'X', '-')",
    r"regexp_replace('aXbX', '(X)', '<\1>', 'g')",
    r"regexp_replace('aXbX', '([a-z])X$', '\1\0')",
    r"regexp_extract('key=va\"l', '(k)ey=(\S+)', 2)",
    r"regexp_extract('abc', 'b(c)')",
    r"regexp_extract('abc', 'x(c)', 1)",
    r"split_part('a (b', ' (', 1) || '|' || split_part('a', '/', 3)",
    r"array_to_string(list_transform(string_split('a.b..c', '.'), lambda item, place: item || place), '^')",
    r"array_to_string(list_transform(string_split('/x/', '/'), lambda segment: bare_template(segment || '123')), '/')",
    r"array_to_string(list_slice(string_split('a/b/c', '/'), 1, 0), '/')",
    r"rtrim('a//', '/') || ltrim('  b ', ' ') || trim('xcx', 'x')",
    r"'it''s \n' || chr(9) || '\\'",
    r"7 / 2 + -7 // 2",
    r"not (1 = 1 or 1 = 2) and 1 = 1",
    r"is_page('/a') and not is_page('/a.css')",
    r"shown_path('/v1/token/abc/Rotate/x1y2z3/é?q=1')",
    r"agent_name('Straße/1.0') || agent_name('my-éCrawler/2') || agent_version('sdk v1.2.3.4')",
    r"shown_agent('x/1 from 10.1.2.3 and fe80::1 by a@b.example key: abc')",
    r"path_template('/v1/x/12.pdf/5f0c9a4e1b2d3c4f5a6b')",
    r"link_path('https://x.example/a', 9) || path_of('http://y.example?q') || coalesce(host_of('https://u@H.example:1/'), '')",
    r"milliseconds_between(timestamp '2026-01-01 00:00:00', timestamp '2025-12-31 23:59:59.9995')",
    r"date_trunc('month', timestamp '2026-03-31 23:59:59.999999')",
    r"string_split('a.b', '.')[1] || string_split('a.b', '.')[-1] || coalesce(string_split('a.b', '.')[3], 'none')",
    r"part(string_split('a[:b', '[:'), 2) || parts_from(string_split('a/b/c', '/'), 2, '/')",
    r"left('abcdef', -2) || left('ab', 5) || right('abc', 2) || substr('abcdef', 2, 3)",
    r"answer_parts(' 200 51 ').status || answer_parts(' 200 51').bytes || answer_parts('x').bytes || '|'",
    r"logfmt_value(' a=1 key=\"x \\\" y\" b=2', 'key')",
    r"array_to_string(sheet_cells('a,\"b \"\",c\",', ','), '|')",
    r"clf_time('10/Jun/2023:00:36:28 +0200')",
    r"clf_time('31/Dec/2023:23:36:28 -0330')",
    r"iso_time('2026-06-09T12:00:00.123456789Z')",
    r"iso_time('2026-06-09 00:30:00.5+05:30')",
    r"iso_time('2026-06-09T12:00:00-0100')",
    r"american_time('6/9/2026, 12:05:07.250 AM')",
    r"american_time('12/31/2026, 2:05:07 PM')",
    r"gin_time('2026/06/09 - 12:00:01.25')",
    r"haproxy_time('09/Jun/2026:12:00:00.655')",
    r"go_time('2026-06-09 12:00:00.25 +0200 CEST')",
    r"epoch_ms_time(1781006400250.7)",
    r"epoch_ns_time(1781006400250123456)",
    r"started_at(timestamp '2026-06-09 12:00:00.25', 1250.5)",
    r"seconds_as_ms('0.013, 1.000 : -')",
    r"seconds_as_ms('-')",
    r"go_duration_ms('2m3.5s') + go_duration_ms('4.529µs')",
    r"header_value('[\"a\\\"b\",\"c\"]') || header_value('plain')",
    r"envoy_service('outbound|8080||', 'h') || with_side('inbound|80||x', 'n')",
    r"environment_of('non-Production') is null and environment_of('prod') = 'production'",
]


@pytest.fixture(scope="module")
def session(sail):
    from tests.sql.engines import parity

    running = spark.connect(parity.program(sail))
    yield running
    running.stop()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_says_the_same(expression, session):
    query = f"select {expression} as said"
    assert session.sql(translate.select(query)).collect()[0][0] == duckdb.connect().execute(query).fetchone()[0]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("select regexp_matches(a, b) from t", "a pattern that is no literal"),
        (r"select regexp_matches(a, '\Qx') from t", r"\\Q in a regular expression"),
        (r"select regexp_matches(a, '[\W]') from t", r"\\W in a set"),
        ("select regexp_matches(a, '(?s)x') from t", r"\(\?s\) in a regular expression"),
        ("select regexp_matches(a, 'x', 'm') from t", "option 'm'"),
        ("select regexp_replace(a, 'x', '$1') from t", "a dollar sign"),
        (r"select regexp_replace(a, '(x)', '\1null') from t", "in a replacement"),
        ("select a[2:] from t", "some of a list's items"),
        ("select 1; select 2", "not one statement"),
        ("select a from (", "Expected table name"),
    ],
)
def test_what_cannot_be_said_is_refused(query, why):
    with pytest.raises(translate.UntranslatableError, match=why):
        translate.select(query)


def test_a_lambda_keeps_its_variable_from_a_value_of_the_same_name():
    written = translate.select("select list_transform(a, lambda number: seconds_as_ms(number)) from t")
    assert "TRANSFORM(a, number -> " in written
    assert "regexp_extract_all(number, '[0-9]+(?:[.][0-9]+)?', 0), number_1 -> CAST(number_1 AS DOUBLE)" in written


def test_a_portable_pattern_has_no_sets_within_sets():
    assert patterns.portable(r"[^\s&[]+.$") == r"[^\t\n\f\r \&\[]+[^\n]\z"


def test_a_text_is_found_as_it_stands():
    assert patterns.quoted("m.ap[a:|\\ ") == r"m\.ap\[a:\|\\ "
