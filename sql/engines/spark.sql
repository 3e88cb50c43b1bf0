-- What differs in Spark, for Spark's SQL on Apache Spark and on what speaks its protocol. A macro here is written out in place of a
-- builtin of DuckDB's, or of a macro of duckdb.sql, that takes as many values. Where a body calls the function of its own name,
-- Spark's is meant; every other call may be a macro. Regular expressions arrive portable (see patterns.py).

create or replace macro regexp_matches(text, pattern) as text rlike pattern;
create or replace macro regexp_full_match(text, pattern) as text rlike concat(r'\A(?:', pattern, r')\z');
create or replace macro regexp_extract(text, pattern) as regexp_extract(text, pattern, 0);
create or replace macro regexp_extract_all(text, pattern) as regexp_extract_all(text, pattern, 0);

-- Of `left`, Sail makes a text that not all of its functions read.
create or replace macro left(text, number) as
    substr(text, 1, greatest(case when number < 0 then length(text) + number else number end, 0));
create or replace macro right(text, number) as substr(text, greatest(length(text) - number, 0) + 1);
create or replace macro substr(text, start, number) as substr(text, start, greatest(number, 0));
create or replace macro starts_with(text, start) as startswith(text, start);
create or replace macro ends_with(text, ending) as endswith(text, ending);
create or replace macro strpos(text, part) as instr(text, part);
create or replace macro trim(text, characters) as btrim(text, characters);
create or replace macro ltrim(text, characters) as trim(leading characters from text);
create or replace macro rtrim(text, characters) as trim(trailing characters from text);
create or replace macro sha256(text) as sha2(text, 256);

create or replace macro parts_from(parts, number, separator) as array_join(slice(parts, number, size(parts)), separator);
create or replace macro array_to_string(items, delimiter) as array_join(items, delimiter);
create or replace macro list_slice(items, first, last) as slice(items, first, last - first + 1);
create or replace macro list_transform(items, change) as transform(items, change);
create or replace macro list_contains(items, item) as array_contains(items, item);
create or replace macro list_concat(items, others) as concat(items, others);
create or replace macro list_position(items, item) as cast(nullif(array_position(items, item), 0) as int);
create or replace macro list_sum(items) as
    case when size(items) > 0 then aggregate(items, cast(0 as double), (total, item) -> total + item) end;
create or replace macro len(items) as size(items);

create or replace macro date_trunc(unit, moment) as cast(date_trunc(unit, moment) as timestamp_ntz);
create or replace macro epoch_us(moment) as unix_micros(cast(moment as timestamp));
create or replace macro make_timestamp(micros) as cast(timestamp_micros(micros) as timestamp_ntz);
create or replace macro utc_day(moment) as cast(cast(moment as date) as string);

-- The home's salt and its clock, which no text of a statement may hold.
create or replace macro getvariable(wanted) as (select home_variable.value from home_variable where home_variable.name = wanted);

-- Times. What DuckDB reads besides is null here: a line without a time that Spark reads is one that DuckDB reads again.
create or replace macro moved(moment, minutes) as make_timestamp(epoch_us(moment) - 60000000 * cast(minutes as bigint));
create or replace macro zone_minutes(zone) as
    try_cast(concat(left(zone, 1), '1') as int) * (60 * try_cast(substr(zone, 2, 2) as int) + try_cast(right(zone, 2) as int));
create or replace macro month_number(name) as lpad(cast((instr('JanFebMarAprMayJunJulAugSepOctNovDec', name) + 2) div 3 as string), 2, '0');
create or replace macro clf_stamp(text) as try_cast(
    concat(substr(text, 8, 4), '-', month_number(substr(text, 4, 3)), '-', left(text, 2), ' ', substr(text, 13)) as timestamp_ntz);

create or replace macro clf_time(text) as
    case when regexp_full_match(text, '[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}')
        then moved(clf_stamp(left(text, 20)), zone_minutes(right(text, 5))) end;

create or replace macro haproxy_time(text) as
    case when regexp_full_match(text, '[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}') then clf_stamp(text) end;

create or replace macro gin_time(text) as
    case when regexp_full_match(text, '[0-9]{4}/[0-9]{2}/[0-9]{2} - [0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?')
        then try_cast(concat(replace(left(text, 10), '/', '-'), ' ', substr(text, 14)) as timestamp_ntz) end;

create or replace macro iso_stamp(text) as try_cast(concat(left(text, 10), ' ', substr(text, 12, 15)) as timestamp_ntz);
create or replace macro iso_time(text) as case
    when regexp_full_match(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z?')
        then iso_stamp(trim(trailing 'Z' from text))
    when regexp_full_match(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{7,9}Z?') then iso_stamp(text)
    when regexp_full_match(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?[+-][0-9]{2}:?[0-9]{2}')
        then moved(iso_stamp(regexp_replace(text, '[+-][0-9]{2}:?[0-9]{2}$', '')), zone_minutes(regexp_extract(text, '[+-][0-9]{2}:?[0-9]{2}$')))
end;

create or replace macro american_hours(hours, half) as lpad(cast(hours % 12 + case when half = 'PM' then 12 else 0 end as string), 2, '0');
create or replace macro american_time(text) as
    case when regexp_full_match(text, '[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}, (0?[1-9]|1[0-2]):[0-9]{2}:[0-9]{2}([.][0-9]{3})? [AP]M') then
        try_cast(concat(
            split_part(split_part(text, ', ', 1), '/', 3), '-', lpad(split_part(text, '/', 1), 2, '0'), '-', lpad(split_part(text, '/', 2), 2, '0'), ' ',
            american_hours(try_cast(split_part(split_part(text, ', ', 2), ':', 1) as int), right(text, 2)),
            regexp_extract(text, '(:[0-9:.]+) [AP]M$', 1)) as timestamp_ntz) end;

create or replace macro year_before(text, years) as
    case when regexp_full_match(text, '[A-Z][a-z]{2} [ 0-3][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2}') then try_cast(concat(
        cast(extract(year from cast(getvariable('now') as timestamp_ntz)) - years as string), '-', month_number(left(text, 3)), '-',
        lpad(btrim(substr(text, 5, 2)), 2, '0'), ' ', right(text, 8)) as timestamp_ntz) end;
create or replace macro yearless_time(text) as coalesce(
    case when year_before(text, 0) <= moved(cast(getvariable('now') as timestamp_ntz), -1440) then year_before(text, 0) end,
    year_before(text, 1), year_before(text, 2), year_before(text, 3), year_before(text, 4));

create or replace macro started_at(stamped, ms) as
    case when ms between 0 and 10000000000 then make_timestamp(epoch_us(stamped) - 1000 * cast(round(ms) as bigint)) else stamped end;

-- Of what a log writes as a list, the first.
create or replace macro header_value(text) as nullif(nullif(
    case
        when not startswith(text, '[') then text
        when not startswith(text, '["') then ''
        when contains(text, r'\') or contains(text, '","') then try_element_at(from_json(text, 'array<string>'), 1)
        else substr(text, 3, length(text) - 4)
    end, ''), 'REDACTED');

create or replace macro otlp_keys(attributes) as attributes.key;

create or replace macro limit_left(most, remaining, name) as named_struct(
    'share', limit_share(most, remaining), 'called', name, 'calls', try_cast(most as bigint), 'remaining', try_cast(remaining as bigint));
create or replace macro tightest_limit(told) as try_element_at(array_sort(filter(array(
    limit_left(told.`x-ratelimit-limit-second`, told.`x-ratelimit-remaining-second`, 'second'),
    limit_left(told.`x-ratelimit-limit-minute`, told.`x-ratelimit-remaining-minute`, 'minute'),
    limit_left(told.`x-ratelimit-limit-hour`, told.`x-ratelimit-remaining-hour`, 'hour'),
    limit_left(told.`x-ratelimit-limit-day`, told.`x-ratelimit-remaining-day`, 'day'),
    limit_left(told.`x-ratelimit-limit-month`, told.`x-ratelimit-remaining-month`, 'month'),
    limit_left(told.`x-ratelimit-limit-year`, told.`x-ratelimit-remaining-year`, 'year')), one -> one.share is not null)), 1);
