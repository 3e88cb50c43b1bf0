-- What differs in Spark, for Spark's SQL on Apache Spark and on what speaks its protocol. A macro here is written out in place of a
-- builtin of DuckDB's, or of a macro of duckdb.sql, that takes as many values. Where a body calls the function of its own name,
-- Spark's is meant; every other call may be a macro. Regular expressions arrive portable (see patterns.py).

create or replace macro regexp_matches(text, pattern) as text rlike pattern;
create or replace macro regexp_full_match(text, pattern) as text rlike concat(r'\A(?:', pattern, r')\z');
create or replace macro regexp_extract(text, pattern) as regexp_extract(text, pattern, 0);

create or replace macro starts_with(text, start) as startswith(text, start);
create or replace macro ends_with(text, ending) as endswith(text, ending);
create or replace macro strpos(text, part) as instr(text, part);
create or replace macro trim(text, characters) as btrim(text, characters);
create or replace macro ltrim(text, characters) as trim(leading characters from text);
create or replace macro rtrim(text, characters) as trim(trailing characters from text);

-- A delimiter of one character, which in Spark is a pattern.
create or replace macro string_split(text, delimiter) as split(text, concat('[', delimiter, ']'));
create or replace macro array_to_string(items, delimiter) as array_join(items, delimiter);
create or replace macro list_slice(items, first, last) as slice(items, first, last - first + 1);
create or replace macro list_transform(items, change) as transform(items, change);
create or replace macro list_contains(items, item) as array_contains(items, item);
create or replace macro len(items) as size(items);

create or replace macro date_trunc(unit, moment) as cast(date_trunc(unit, moment) as timestamp_ntz);
create or replace macro epoch_us(moment) as unix_micros(cast(moment as timestamp));
