-- The macros in which engines differ, for DuckDB: JSON, regular expressions, times, exact money. A sibling file per engine.
-- Those that only metrics use, which no other engine runs, stand at the end.

-- The JSON text as the struct that a format's shape names; null where it is no JSON.
create or replace macro json_record(line, shape) as try(from_json(line, shape));

create or replace macro some_or_null(items) as case when len(items) > 0 then items else [null] end;
create or replace macro some_or_blank(lines) as case when len(lines) > 0 then lines else [''] end;

-- OTLP writes attributes as a list of key and value; two lists, of keys and of values, are searched much faster.
create or replace macro otlp_keys(attributes) as list_transform(attributes, lambda pair: pair.key);
create or replace macro otlp_value(keys, pairs, name) as pairs[list_position(keys, name)].value.stringValue;
create or replace macro otlp_text(keys, pairs, name) as coalesce(
    pairs[list_position(keys, name)].value.stringValue, pairs[list_position(keys, name)].value.intValue);
create or replace macro otlp_service(attributes) as otlp_value(otlp_keys(attributes), attributes, 'service.name');
create or replace macro otlp_environment(attributes) as coalesce(
    otlp_value(otlp_keys(attributes), attributes, 'deployment.environment.name'),
    otlp_value(otlp_keys(attributes), attributes, 'deployment.environment'));

-- What one resource of an OTLP line sent, each with what matters of the resource; `kind` is span or log.
create or replace macro otlp_parts(attributes, kind, items) as list_transform(items, lambda one:
    '{"service":' || coalesce(cast(to_json(otlp_service(attributes)) as varchar), 'null')
    || ',"environment":' || coalesce(cast(to_json(otlp_environment(attributes)) as varchar), 'null')
    || ',"' || kind || '":' || cast(one as varchar) || '}');

-- The records that one physical line holds, as JSON texts: the members of an array, of `records` (Azure, Apigee), the messages
-- of a CloudWatch envelope, the spans or logs of an OTLP line, else the line itself without the time stamp that an export
-- puts before it. No records, or an envelope that carries no log, are one blank.
create or replace macro json_parts(line) as
    case
        when ltrim(line, ' ' || chr(9)) like '[%' and json_valid(line) then
            case when json_array_length(line) = 0 then [''] else cast(from_json(line, '["JSON"]') as varchar[]) end
        when line like '%"CONTROL_MESSAGE"%' and try(json_extract_string(line, '$.messageType')) = 'CONTROL_MESSAGE' then ['']
        when line like '%"logEvents"%' and json_valid(line) then coalesce(nullif(list_transform(
            from_json(line, '{"logEvents": [{"message": "VARCHAR"}]}').logEvents, lambda event: event.message), []), [''])
        when line like '%"records"%' and json_valid(line) and json_type(line, '$.records') = 'ARRAY' then
            case when json_array_length(line, '$.records') = 0 then ['']
                else cast(from_json(line, '{"records": ["JSON"]}').records as varchar[]) end
        when line like '%"resourceSpans"%' and json_valid(line) and json_type(line, '$.resourceSpans') = 'ARRAY' then
            some_or_blank(flatten(list_transform(from_json(line, '{"resourceSpans": [{"resource": {"attributes":
                [{"key": "VARCHAR", "value": {"stringValue": "VARCHAR"}}]}, "scopeSpans": [{"spans": ["JSON"]}]}]}').resourceSpans,
                lambda item: otlp_parts(item.resource.attributes, 'span',
                    flatten(list_transform(item.scopeSpans, lambda scope: scope.spans))))))
        when line like '%"resourceLogs"%' and json_valid(line) and json_type(line, '$.resourceLogs') = 'ARRAY' then
            some_or_blank(flatten(list_transform(from_json(line, '{"resourceLogs": [{"resource": {"attributes":
                [{"key": "VARCHAR", "value": {"stringValue": "VARCHAR"}}]}, "scopeLogs": [{"logRecords": ["JSON"]}]}]}').resourceLogs,
                lambda item: otlp_parts(item.resource.attributes, 'log',
                    flatten(list_transform(item.scopeLogs, lambda scope: scope.logRecords))))))
        else [regexp_replace(line, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z ([{])', '\1')]
    end;

-- Azure may write a record's properties as a text of JSON, with other names; they come back as an object `opened`, and in
-- place of the text.
create or replace macro json_opened(line) as case
    when line like '%"properties"%' and json_valid(line) and json_type(line, '$.properties') = 'VARCHAR'
        and json_valid(json_extract_string(line, '$.properties'))
        then cast(json_merge_patch(json_merge_patch(line, '{"properties": null}'), json_object(
            'properties', cast(json_extract_string(line, '$.properties') as json),
            'opened', cast(json_extract_string(line, '$.properties') as json))) as varchar)
    else line end;

-- Gateway templates write an absent number as a bare dash, which no JSON reader takes.
create or replace macro json_dash_as_null(line) as case
    when json_valid(line) then line else regexp_replace(line, '([^\\]"\s*:\s*)-(\s*[,}])', '\1null\2', 'g') end;

-- A part of a container's line whose end is not there.
create or replace macro is_cut_by_runtime(line) as regexp_matches(line, '^[0-9][^ ]*T[^ ]* std(out|err) P[: ]')
    or (starts_with(line, '{"log":"') and contains(line, '","stream":"std') and not contains(line, '\n","stream":"std'));

create or replace macro is_blank(line) as trim(line, ' ' || chr(9) || chr(10) || chr(13)) = '';

-- The cells of a line of a sheet, without its end, as they are written, quotes included; they are the whole line where every
-- quoted cell ends. The pattern only runs where there are quotes, because it takes ten times as long as parting at the delimiters.
create or replace macro sheet_cells(text, delimiter) as case
    when not contains(text, '"') then string_split(text, delimiter)
    else regexp_extract_all(
        delimiter || text, '[' || delimiter || ']( *"[^"]*(?:""[^"]*)*" *| *(?:[^" ' || delimiter || '][^' || delimiter || ']*)?)', 1)
end;

-- What a cell holds; null where it is empty.
create or replace macro cell_value(cell) as nullif(
    case when starts_with(ltrim(cell, ' '), '"') then replace(substr(trim(cell, ' '), 2, length(trim(cell, ' ')) - 2), '""', '"')
        else cell end, '');

-- A text without the words that may be keys: long ones, or of letters and digits.
create or replace macro without_keys(text) as regexp_replace(
    regexp_replace(text, '[A-Za-z0-9_+=~-]{20,}', '[redacted]', 'g'),
    '\b(?:[A-Za-z_]+[0-9]|[0-9]+[A-Za-z_])[A-Za-z0-9_+=~]{6,}', '[redacted]', 'g');

create or replace macro shown_cells(cells, text, delimiter, secret, fewest, most) as array_to_string(case
    when len(cells) between fewest and most and array_to_string(cells, delimiter) = text then list_transform(cells, lambda cell, place: case
        when list_contains(secret, place) and cell not in ('', '""', '-') then '[redacted]' else without_keys(cell) end)
    else list_transform(string_split(text, delimiter), lambda cell: case
        when regexp_full_match(cell, '|"|"?([0-9]{1,13}|[0-9]{1,4}[/-][0-9]{1,2}[/-][0-9]{1,4}([T ][0-9:.]{5,18}(Z|[+-][0-9:]{4,5})?)?|[0-9]{1,8}[.][0-9]{1,8}|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)"?')
            then cell
        else '[redacted]' end)
end, delimiter);

-- A line of a sheet that is no event, as it may be kept. Where its cells cannot be told apart for certain, nothing stays but
-- numbers, times and methods.
create or replace macro shown_row(line, delimiter, secret, fewest, most) as shown_cells(
    sheet_cells(rtrim(line, chr(13) || chr(10)), delimiter), rtrim(line, chr(13) || chr(10)), delimiter, secret, fewest, most);

-- A text without the dashes and empties that stand for "none".
create or replace macro said(value) as nullif(nullif(value, '-'), '');
-- A dimension of Apigee's, which are never empty: "(not set)" is none.
create or replace macro said_of_apigee(value) as nullif(nullif(value, '(not set)'), '');

-- A number as text; null where it is below 0, which stands for none.
create or replace macro not_negative(number) as
    case when not starts_with(number, '-') then try_cast(number as double) end;

-- Epoch milliseconds as naive UTC; null outside 1990 to 2100, which no log of an API can mean.
create or replace macro epoch_ms_time(ms) as
    case when ms between 631152000000 and 4102444800000 then make_timestamp(cast(floor(ms) as bigint) * 1000) end;

-- Epoch seconds, to the microsecond, as naive UTC; null outside 1990 to 2100.
create or replace macro epoch_time(seconds) as
    case when seconds between 631152000 and 4102444800 then make_timestamp(cast(round(seconds * 1000000) as bigint)) end;

-- Whole millionths of a currency from its minor units; `decimals` as currency_unit has them, null for the common two.
create or replace macro in_micros(minor, decimals) as minor * cast(pow(10, 6 - coalesce(decimals, 2)) as bigint);

-- Whole millionths of the reporting currency at a rate, exact, halves away from zero.
create or replace macro at_rate(micros, rate) as cast(round(cast(micros as decimal(18, 0)) * cast(rate as decimal(20, 10))) as bigint);

-- "10/Jun/2023:15:36:28 +0200" as naive UTC.
create or replace macro clf_time(text) as try(
    case
        when ends_with(text, ' +0000') then strptime(left(text, length(text) - 6), '%d/%b/%Y:%H:%M:%S')
        else strptime(substr(text, 1, 20), '%d/%b/%Y:%H:%M:%S')
            - to_minutes(
                cast(substr(text, 22, 1) || '1' as integer)
                * (cast(substr(text, 23, 2) as integer) * 60 + cast(substr(text, 25, 2) as integer))
            )
    end
);

-- "09/Jun/2026:12:00:00.655", without a zone, as it stands.
create or replace macro haproxy_time(text) as try_strptime(text, '%d/%b/%Y:%H:%M:%S.%g');

-- Epoch nanoseconds as naive UTC; null outside 1990 to 2100.
create or replace macro epoch_ns_time(ns) as
    case when ns between 631152000000000000 and 4102444800000000000 then make_timestamp(ns // 1000) end;

-- ISO 8601 with a zone (a missing zone is UTC) as naive UTC. A cast to timestamp would drop the offset without a word.
create or replace macro iso_time(text) as
    case when regexp_matches(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}') then
        case when substr(text, -6, 1) in ('+', '-') or substr(text, -5, 1) in ('+', '-')
            then make_timestamp(epoch_us(try_cast(text as timestamptz)))
            else try_cast(text as timestamp) end
    end;

-- Epoch milliseconds from a text that holds them or an ISO time; null for none, and for the 0 that stands for none.
create or replace macro epoch_ms_of(text) as nullif(coalesce(try_cast(text as double), epoch_us(iso_time(text)) / 1000), 0);

-- "6/9/2026, 2:05:07.250 PM", month first, with or without the fraction, as naive UTC.
create or replace macro american_time(text) as case when ends_with(text, 'M') then try(
    case when contains(text, '.') then strptime(text, '%m/%d/%Y, %I:%M:%S.%g %p') else strptime(text, '%m/%d/%Y, %I:%M:%S %p') end) end;

-- "2026-06-09 12:00:00.25 +0200 CEST", as Go writes a time, as naive UTC; null for its zero, the year 1.
create or replace macro go_time(text) as case
    when starts_with(text, '0001-') then null
    when ends_with(text, ' +0000 UTC') then iso_time(left(text, length(text) - 10))
    else iso_time(regexp_replace(text, '^([0-9-]{10} [0-9:]{8}(?:[.][0-9]+)?) ([+-][0-9]{2})([0-9]{2}) .*$', '\1\2:\3'))
end;

-- "Jun 09 12:00:01" as it stands, in the last year in which it is not more than a day ahead of now, which is set as the variable `now`.
create or replace macro year_before(text, years) as try_strptime(
    (date_part('year', cast(getvariable('now') as timestamp)) - years) || ' ' || text, '%Y %b %d %H:%M:%S');
create or replace macro yearless_time(text) as coalesce(
    list_filter([year_before(text, 0)], lambda moment: moment <= cast(getvariable('now') as timestamp) + to_days(1))[1],
    year_before(text, 1), year_before(text, 2), year_before(text, 3), year_before(text, 4));

-- The start of what took so many milliseconds until it was stamped; the stamp where that is unknown, or no time that a call takes.
create or replace macro started_at(stamped, ms) as
    case when ms between 0 and 10000000000 then stamped - to_milliseconds(cast(round(ms) as bigint)) else stamped end;

-- Whole milliseconds from one moment to another.
create or replace macro milliseconds_between(since, until) as (epoch_us(until) - epoch_us(since)) // 1000;

-- The last number in a path's last segment; null where it holds none, or one of more than 18 digits.
create or replace macro trailing_number(path) as
    try_cast(regexp_extract(path, '(?:^|[^0-9])([0-9]{1,18})[^0-9/]*/?$', 1) as bigint);

create or replace macro utc_day(moment) as strftime(moment, '%Y-%m-%d');

create or replace macro link_path(link, host_at) as case
    when contains(substr(link, host_at), '/') then substr(link, strpos(substr(link, host_at), '/') + host_at - 1) else '/' end;

-- The path of a request target: no query string, no fragment, no scheme and host.
create or replace macro path_of(target) as
    case
        when starts_with(target, '/') and not contains(target, '#') then split_part(target, '?', 1)
        -- without a regular expression, which takes four times as long
        when starts_with(target, 'https://') then link_path(split_part(split_part(target, '?', 1), '#', 1), 9)
        when starts_with(target, 'http://') then link_path(split_part(split_part(target, '?', 1), '#', 1), 8)
        when contains(target, '://') then coalesce(
            nullif(regexp_extract(target, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*([^?#]*)', 1), ''), '/')
        else nullif(split_part(split_part(target, '?', 1), '#', 1), '')
    end;

-- The host of a link, lower case: no port, no path, no query. A bare address is nobody's name and stays out.
create or replace macro host_of(link) as case
    when link is null or link in ('', '-') then null
    else nullif(regexp_replace(lower(regexp_extract(
        link, '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/@?#]*@)?([A-Za-z0-9_-]+(?:[.][A-Za-z0-9_-]+)*)[.]?(?::[0-9]*)?(?:[/?#]|$)', 1)),
        '^[0-9.]+$', ''), '') end;

-- Who reads by the user agent: crawler (search engines, scanners, scripts and libraries: whatever is no browser), reader, or
-- unknown where it says nothing.
create or replace macro agent_kind(user_agent) as case
    when user_agent is null then 'unknown'
    when regexp_matches(
        lower(user_agent),
        '(^|[^u])bot\b|crawl|spider|slurp|scan|zgrab|nmap|nikto|curl|wget|python|java/|go-http|okhttp|axios|node|ruby|perl|php|http_?client|headless|lighthouse|monitor|uptime|preview|facebookexternalhit|feed|archive|fetch|postman|insomnia|libwww'
    ) then 'crawler'
    when lower(user_agent) like 'mozilla/%' or lower(user_agent) like 'opera/%' then 'reader'
    else 'crawler'
end;

-- Whether a path is a page that somebody reads, and not a part of one.
create or replace macro is_page(path) as path is not null and not regexp_matches(
    lower(path), '[.](css|js|mjs|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|eot|mp4|webm|txt|xml|json|ya?ml|webmanifest)$');

create or replace macro bare_template(segment) as
    case
        when starts_with(segment, '{') or not regexp_matches(segment, '[0-9@]|%40') then segment
        when regexp_matches(segment, '^[^@]+(@|%(25)*40)[^@]+$') then '{email}'
        when regexp_matches(segment, '^[0-9]+$') then '{id}'
        when regexp_matches(segment, '^[vV][0-9]{1,8}([.][0-9]{1,3})*$|^[0-9][.][0-9]$') then segment
        when regexp_matches(segment, '^-?[0-9]+([.][0-9]+)?((,|%2[Cc])-?[0-9]+([.][0-9]+)?)*$') then '{id}'
        when regexp_matches(segment, '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$')
            then '{uuid}'
        when regexp_matches(segment, '^[0-9]{4}-[0-9]{2}(-[0-9]{2})?(T[0-9:.%A-Za-z+-]*)?$') then '{date}'
        when regexp_matches(segment, '^[0-9a-fA-F]{16,}$') then '{hash}'
        when regexp_matches(segment, '^[A-Za-z]{2,12}_[A-Za-z0-9]*[0-9][A-Za-z0-9]*$') then '{id}'
        when regexp_matches(segment, '(?:[0-9][^0-9]*){4}') then '{id}'
        else segment
    end;

-- An ending such as .pdf stays: it often is a route of its own.
create or replace macro segment_template(segment) as
    case
        when contains(segment, '.') and regexp_matches(segment, '[0-9@][^{}]*[.](?:json|xml|csv|pdf|png|jpe?g|gif|svg|webp|zpl|txt|html?|ics|xlsx?|ya?ml|zip|gz|tar|tgz|rar|7z|sql|bak|php)$') then
            bare_template(regexp_replace(segment, '([.](?:json|xml|csv|pdf|png|jpe?g|gif|svg|webp|zpl|txt|html?|ics|xlsx?|ya?ml|zip|gz|tar|tgz|rar|7z|sql|bak|php)){1,2}$', ''))
            || regexp_extract(segment, '([.](?:json|xml|csv|pdf|png|jpe?g|gif|svg|webp|zpl|txt|html?|ics|xlsx?|ya?ml|zip|gz|tar|tgz|rar|7z|sql|bak|php)){1,2}$')
        else bare_template(segment)
    end;

-- A path with its ids, UUIDs, hashes, dates and e-mails replaced. Nearly all paths leave by the first two branches,
-- which cost a tenth of the third.
create or replace macro path_template(path) as
    case
        when regexp_full_match(path, '(/v[0-9]{1,2})?(/[A-Za-z._~-]+)*/?') then path
        when regexp_full_match(path, '(/v[0-9]{1,2})?(/[A-Za-z._~-]+|/[0-9]+)*/?')
            then regexp_replace(path, '/[0-9]+', '/{id}', 'g')
        else array_to_string(list_transform(string_split(path, '/'), lambda segment: segment_template(segment)), '/')
    end;

-- A segment of a path as it may be shown: words and versions stay, all else becomes what it looks like. A key, a token or a
-- password cannot be told from an id for certain, so nothing stays that is not made of words.
create or replace macro shown_segment(segment) as
    case
        when segment in ('', '*') or regexp_full_match(
            segment, '[vV](20[0-9]{6}|[0-9]{1,3}([.][0-9]{1,3})?)|[0-9][.][0-9]|[{][a-z]{1,12}[}]([.][a-z0-9]{2,4}){0,2}') then segment
        when regexp_matches(segment, '@|%(25)*40') then '{email}'
        when regexp_full_match(segment, '[0-9]{1,18}') then '{id}'
        when regexp_matches(segment, '(?i)^([sprc]k|whsec|gh[a-z]|xox[a-z]|glpat|basic)[_.-]|^(?-i:AKIA|ASIA|AIza|ya29|eyJ)|(key|token|secret|passw(or)?d|bearer)s?[_.=:-]')
            then '{key}'
        when regexp_full_match(segment, '[A-Za-z]{1,20}([._~-][A-Za-z]{1,20}){0,5}[0-9]{0,2}')
            and regexp_full_match(segment, '([A-Z]{1,6}|[A-Z]?[a-z]+([A-Z][a-z]+){0,4}([A-Z]{2,4})?)([0-9._~-]+([A-Z]{1,6}|[A-Z]?[a-z]+([A-Z][a-z]+){0,4}([A-Z]{2,4})?))*[0-9._~-]*')
            and not regexp_matches(segment, '(?i)[bcdfghjklmnpqrstvwxz]{5}|[bcdfghjklmnpqrstvwxz]{4}.*[bcdfghjklmnpqrstvwxz]{4}|[a-z]{10}.*[0-9]') then segment
        when regexp_full_match(segment, '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}') then '{uuid}'
        when regexp_full_match(segment, '[A-Za-z0-9._~-]{1,19}') then '{id}'
        else '{key}'
    end;

-- A path as it may be shown: see shown_segment. What follows a segment such as `token`, next to it or later, is a key, whatever it looks like,
-- but for the verbs that usually do.
create or replace macro shown_path(path) as case
    -- what nearly all paths are made of: plain words, of which none announces a key, versions and numbers; at a third of the cost
    when regexp_full_match(path, '(/[a-z]{1,9}|/v[0-9]{1,3}|/[0-9]{1,18}){1,8}') and not regexp_matches(
        path, '[bcdfghjklmnpqrstvwxz]{4}|/(api)?(keys?|tokens?|secrets?|passw|credential|signature|session|otp|jwt|bearer|invite|reset|verify|confirm|o?auth|log|sign|code|sso)'
    ) then regexp_replace(path, '/[0-9]+', '/{id}', 'g')
    else left(array_to_string(list_transform(
        string_split(split_part(path, '?', 1), '/'),
        lambda segment, place: case
            when place > 1 and segment <> '' and not regexp_full_match(
                segment, '(?i)rotate|revoke|refresh|introspect|authorize|callback|log(in|out)|sign(in|out)|tokens?|(api-?)?keys?|sessions?|reset|verify|confirm|usage|v[0-9]{1,3}'
            ) and regexp_matches(
                array_to_string(list_slice(string_split(path, '/'), 1, place - 1), '/'),
                '(?i)(^|[/_.-])((api)?keys?|tokens?|secrets?|passw(or)?ds?|passwd|credentials?|signatures?|sessions?|otp|jwt|bearer|invites?|reset|verify|confirm|o?auth2?|log-?in|sign-?in|codes?|sso)([/_.-]|$)'
            ) then '{key}'
            else shown_segment(segment)
        end
    ), '/'), 200)
end;

-- A link or site as it may be shown: host and path, without scheme, user, query and fragment; plain words stay, and whatever holds a mailbox, or is
-- neither, is null.
create or replace macro shown_link(link) as case
    when regexp_full_match(trim(link), '[\p{L}\p{N}][\p{L}\p{N} _&+-]{0,59}') then
        case when not regexp_matches(link, '[A-Za-z0-9_-]{24}') then trim(link) end
    else nullif(
        regexp_replace(lower(regexp_extract(
            regexp_replace(trim(link), '^[A-Za-z][A-Za-z0-9+.-]*://([^/@?#]*@)?', ''), '^([A-Za-z0-9_-]+([.][A-Za-z0-9_-]+)+)(:[0-9]+)?([/?#]|$)', 1)), '^[0-9.]+$', ''),
        '')
        || shown_path(regexp_extract(regexp_replace(trim(link), '^[A-Za-z][A-Za-z0-9+.-]*://', ''), '^[^/?#]*([^?#]*)', 1))
end;

-- The version of the API that a path names in one of its first three segments (v1, v2.1); null where it names none.
create or replace macro api_version(path) as
    nullif(lower(regexp_extract(path, '^/(?:[^/]+/){0,2}([vV][0-9]{1,3}(?:[.][0-9]{1,3}){0,2})(?:/|$)', 1)), '');

-- The first segment of a path that is neither `api`, a stage nor a version, in lower case; empty where there is none.
create or replace macro path_root(path) as lower(regexp_extract(
    path, '^/(?:(?:(?i)api|rest|prod|production|live|stage|staging|dev|test|beta|sandbox|v[0-9]{1,3}(?:[.][0-9]{1,3})*)/)*([^/]*)', 1));

-- The program that a user agent begins with: a crawler by its own name, a browser as such, else an SDK or HTTP library. What looks like a
-- key is no name.
create or replace macro agent_name(agent) as case
    when agent is null or trim(agent) in ('', '-') then null
    when regexp_matches(agent, '(?i)(bot|crawler|spider)\b') then coalesce(
        nullif(regexp_extract(agent, '(?i)([a-z][a-z._-]{0,30}(?:bot|crawler|spider))\b', 1), ''), 'crawler')
    when regexp_matches(agent, '^(Mozilla|Opera)/') then 'browser'
    when regexp_matches(agent, '^[A-Za-z@][A-Za-z0-9@._+ -]{0,59}?(/| v?[0-9]|[ (;]|$)')
        and not regexp_matches(split_part(agent, '/', 1), '[0-9]{4}|(?i)(key|token|secret|passw)|[A-Za-z0-9]{24}|@.*[.]')
        then left(split_part(split_part(regexp_replace(agent, ' v?[0-9].*$', ''), '/', 1), ' (', 1), 60)
    else 'other'
end;

-- The version that follows the program's name in a user agent, as far as three numbers; of browsers and crawlers none.
create or replace macro agent_version(agent) as case
    when not regexp_matches(agent, '(?i)^(Mozilla|Opera)/|(bot|crawler|spider)\b') then
        nullif(regexp_extract(agent, '^[^/0-9][^/]{0,59}?(?:/| )v?([0-9]{1,4}(?:[.][0-9]{1,4}){0,2})', 1), '')
end;

-- The share of a limit that is left, from the two headers that say it.
create or replace macro limit_share(most, remaining) as
    case when try_cast(most as bigint) > 0 then try_cast(remaining as double) / try_cast(most as bigint) end;

-- Of the limits that an answer of Kong's tells of, the one with the least left; its share is null where none is whole.
create or replace macro tightest_limit(told) as list_sort([
    struct_pack(share := limit_share(told."x-ratelimit-limit-second", told."x-ratelimit-remaining-second"), called := 'second',
        calls := try_cast(told."x-ratelimit-limit-second" as bigint), remaining := try_cast(told."x-ratelimit-remaining-second" as bigint)),
    struct_pack(share := limit_share(told."x-ratelimit-limit-minute", told."x-ratelimit-remaining-minute"), called := 'minute',
        calls := try_cast(told."x-ratelimit-limit-minute" as bigint), remaining := try_cast(told."x-ratelimit-remaining-minute" as bigint)),
    struct_pack(share := limit_share(told."x-ratelimit-limit-hour", told."x-ratelimit-remaining-hour"), called := 'hour',
        calls := try_cast(told."x-ratelimit-limit-hour" as bigint), remaining := try_cast(told."x-ratelimit-remaining-hour" as bigint)),
    struct_pack(share := limit_share(told."x-ratelimit-limit-day", told."x-ratelimit-remaining-day"), called := 'day',
        calls := try_cast(told."x-ratelimit-limit-day" as bigint), remaining := try_cast(told."x-ratelimit-remaining-day" as bigint)),
    struct_pack(share := limit_share(told."x-ratelimit-limit-month", told."x-ratelimit-remaining-month"), called := 'month',
        calls := try_cast(told."x-ratelimit-limit-month" as bigint), remaining := try_cast(told."x-ratelimit-remaining-month" as bigint)),
    struct_pack(share := limit_share(told."x-ratelimit-limit-year", told."x-ratelimit-remaining-year"), called := 'year',
        calls := try_cast(told."x-ratelimit-limit-year" as bigint), remaining := try_cast(told."x-ratelimit-remaining-year" as bigint))
])[1];

-- A keyed hash: the same value has the same hash in one home, and no other home can tell what it was. The key is the
-- home's salt, set as the variable `salt`; a preview has none.
create or replace macro keyed_hash(value) as substr(sha256(coalesce(getvariable('salt'), '') || value), 1, 32);

-- Who called, as one short text: everything that a log says about it. Two callers never share one.
create or replace macro caller_of(source, surface, credential_ref, consumer_ref, application_ref, developer_ref, plan_ref) as
    md5(concat_ws(
        chr(31), source, coalesce(surface, ''), coalesce(credential_ref, ''), coalesce(consumer_ref, ''),
        coalesce(application_ref, ''), coalesce(developer_ref, ''), coalesce(plan_ref, '')));

-- What people call an environment, as production or sandbox; null where the name says neither.
create or replace macro environment_of(name) as case
    when regexp_matches(lower(name), '(^|[^a-z])(prod|production|prd|live)([^a-z]|$)')
        and not regexp_matches(lower(name), '(^|[^a-z])(non|pre|not)') then 'production'
    when regexp_matches(
        lower(name), '(^|[^a-z])(sandbox|sbx|test|testing|tst|stage|staging|stg|dev|develop|development|qa|uat|demo|preview|local|eval|preprod|nonprod|pre|non)([^a-z]|$)')
        then 'sandbox'
end;

-- Why a call was turned away, where the status alone says so; `quota` tells whether a 429 is a long-window quota.
create or replace macro refusal_of(status, has_route, never_proxied, is_quota) as
    case
        when status between 200 and 399 then null
        when status in (401, 403, 407) then 'auth'
        when status = 429 then case when is_quota then 'quota' else 'rate_limit' end
        when status in (400, 422) then 'validation'
        when status = 404 and not has_route then 'no_route'
        when status in (502, 503, 504) or (status >= 500 and never_proxied) then 'upstream'
        when status in (0, 499) then 'client_gone'
    end;

-- Lists of parts: the parts between separators, one of them (from the end below 0), how many there are.
create or replace macro parts_of(text, separator) as string_split(text, separator);
create or replace macro part(parts, number) as parts[number];
create or replace macro count_of(parts) as len(parts);
create or replace macro parts_from(parts, number, separator) as array_to_string(parts[number:], separator);
create or replace macro after_space(text) as substr(text, strpos(text, ' ') + 1);

-- The parts of a combined or common log line that its quotes part: what it begins with, its request, status and bytes.
create or replace macro answer_parts(text) as
    regexp_extract(text, '^ ([0-9]+|-) ([0-9]+|-)( ?)[\r\n]*$', ['status', 'bytes', 'space']);

create or replace macro plain_parts(piece, stamp_at, answer) as struct_pack(
    caller := left(piece[1], stamp_at - 2), stamp := substr(piece[1], stamp_at + 1, length(piece[1]) - stamp_at - 2),
    request := piece[2], status := answer.status, bytes := answer.bytes);

create or replace macro plain_quoted(piece) as struct_pack(
    referer := coalesce(piece[4], ''), agent := coalesce(piece[6], ''),
    tail := case
        when len(piece) = 7 then rtrim(piece[7], chr(13) || chr(10))
        when len(piece) > 7 then rtrim(parts_from(piece, 7, '"'), chr(13) || chr(10))
        else '' end);

-- The parts of a combined or common log line as far as its bytes; all empty where the line is none.
create or replace macro combined_parts(line) as regexp_extract(
    line,
    '^([^\[]+) \[([^\]]*)\] "([^"\\]*(?:\\.[^"\\]*)*)" ([0-9]+|-) ([0-9]+|-)',
    ['caller', 'stamp', 'request', 'status', 'bytes']
);

create or replace macro quoted_parts(rest) as
    regexp_extract(rest, '^ "([^"\\]*(?:\\.[^"\\]*)*)" "([^"\\]*(?:\\.[^"\\]*)*)"(.*)$', ['referer', 'agent', 'tail']);

-- What follows the user agent in a line of the nginx ingress controller, where it is not one word a column: lists have one
-- entry a try (", ") and a redirect (" : "). Older versions know no alternative upstream, the oldest no request id.
create or replace macro ingress_parts(tail) as regexp_extract(
    tail,
    '^ ([0-9]+) ([0-9]+[.][0-9]+) \[([^\]]*)\](?: \[([^\]]*)\])? (?:[^ ,:][^ ,]*(?:(?:,| :) [^ ,:][^ ,]*)*) '
    || '(?:(?:[0-9]+|-)(?:(?:,| :) (?:[0-9]+|-))*) ((?:[0-9.]+|-)(?:(?:,| :) (?:[0-9.]+|-))*) '
    || '(?:(?:[0-9]+|-)(?:(?:,| :) (?:[0-9]+|-))*)(?: ([^ ]+))?$',
    ['request_bytes', 'seconds', 'upstream', 'alternative', 'upstream_seconds', 'request_id']
);

-- The parts of a line of Traefik's common log that its quotes alone do not part: dashes without quotes, and quotes in a user
-- agent, which older versions do not escape. All empty where the line is none.
create or replace macro traefik_parts(line) as regexp_extract(
    line,
    '^([^ ]+) - (.+) \[([^\]]*)\] "([^"\\]*(?:\\.[^"\\]*)*)" ([0-9]+|-) ([0-9]+|-) (?:"([^"\\]*(?:\\.[^"\\]*)*)"|-) (?:"(.*)"|-) '
    || '(?:[0-9]+|-) ("[^"]*"|-) ("[^"]*"|-) ([0-9]+)ms\s*$',
    ['client', 'username', 'stamp', 'request', 'status', 'bytes', 'referer', 'agent', 'router', 'server', 'took']
);

-- The parts of a line of HAProxy's HTTP log that single spaces do not part: more before the address or the timers, or a
-- cookie with spaces. All empty where the line is none.
create or replace macro haproxy_parts(line) as regexp_extract(
    line,
    '([^ ]+:[0-9]+) \[([0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8}[.][0-9]{3})\] ([^ "]+) ([^ /"]+/[^ /"]+) (?:[^ "]+ )*?'
    || '\+?-?[0-9]+/\+?-?[0-9]+/\+?-?[0-9]+/(\+?-?[0-9]+)/(\+?-?[0-9]+) +(-?[0-9]+) (\+?[0-9]+) [^"]*?([A-Za-z-]{4}) '
    || '[0-9]+/[0-9]+/[0-9]+/[0-9]+/\+?[0-9]+ [0-9]+/[0-9]+ [^"]*"',
    ['peer', 'stamp', 'frontend', 'server', 'response_time', 'total_time', 'status', 'bytes', 'state']
);

-- What a line of HAProxy's is that is no request; null where it is none of these.
create or replace macro haproxy_other(line) as case
    when regexp_matches(line, ':[0-9]+ \[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8}[.][0-9]{3}\] [^ ]+ ') then case
        when regexp_matches(line, '\] [^ ]+ [^ ]+/[^ ]+ -?[0-9]+/-?[0-9]+/\+?-?[0-9]+ \+?[0-9]+ [A-Za-z-]{2} [0-9]')
            then 'a line of HAProxy''s TCP log (three timers): it tells of no request'
        when regexp_matches(line, '\] [^ ]+/[^ ]+: ') then 'a connection that failed before any request (HAProxy''s error log)'
        else 'cut short: the request, or what stands before it, is missing'
    end
    when regexp_matches(line, '\bConnect from [^ ]+ to [^ ]+ ')
        then 'a connection in HAProxy''s default log (Connect from … to …): it tells of no request'
    when regexp_matches(line, '^\[(WARNING|NOTICE|ALERT|INFO)\] |\b(Proxy|[Bb]ackend|[Ss]erver|[Ff]rontend) [^ ]+ (started|stopped|has no server|is (UP|DOWN|going|back|stopping|backup))|\b(Stopping|Pausing|Enabling|Disabling) ')
        then 'not an access line: HAProxy tells of its own proxies and servers'
end;

-- Of the headers that HAProxy captured ("{one|two} {of the answer}"): what can only be a user agent, and the leftmost
-- address of the last one that is a list of addresses.
create or replace macro captured_agent(captured) as nullif(regexp_extract(
    captured, '^\{(?:[^{}]*\|)?([A-Za-z][A-Za-z._-]{0,39}/v?[0-9]+[.][0-9][^|}]*)', 1), '');
create or replace macro captured_address(captured) as nullif(regexp_extract(
    captured, '^\{(?:[^{}]*\|)?([0-9]{1,3}(?:[.][0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)(?:, ?[0-9A-Fa-f.:]+)*[|}]', 1), '');

-- What a line is that stands among access lines and tells of no request, whatever the format; null where it is none of these.
create or replace macro other_line(line) as case
    when regexp_matches(line, '^[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9:]{8} \[[a-z]+\] [0-9]+#') then 'a line of nginx''s error log, not a request'
    when regexp_matches(line, '^\[[A-Z][a-z]{2} [A-Z][a-z]{2} +[0-9]{1,2} [0-9:.]+ [0-9]{4}\] \[')
        then 'a line of Apache''s error log, not a request'
    when regexp_matches(line, '^[IWEF][0-9]{4} [0-9:.]+ +[0-9]+ [^ ]+:[0-9]+\] ')
        then 'not an access line: the controller''s own log'
    when regexp_matches(line, '^\s+(at |File "|[.]{3} [0-9]+ more|from /)|^Traceback \(most recent|^(Caused by|panic|fatal error): |^goroutine [0-9]+ \[|^\s+/[^ ]+[.](go|py|rb|js|lua):[0-9]+|^stack traceback:|^[A-Za-z_$][A-Za-z0-9_$.]*(Error|Exception)(:|$)')
        then 'not an access line: part of a stack trace'
    when regexp_matches(line, '^[^ ]+ std(out|err) [FP] ') then 'a container log line: not an access line by itself'
    when regexp_matches(line, '^\s*[{\[]"') then 'not an access line: a JSON record'
    when regexp_matches(line, '^time="?[^ ]|^(\[?[0-9T:.,/ Z+-]{8,32}\]? *)?\[?(DEBUG|INFO|NOTICE|WARN(ING)?|ERROR|FATAL|CRITICAL|TRACE|DBG|INF|WRN|ERR)\b')
        then 'not an access line: a program''s own log'
    when regexp_matches(line, '(?i)\b(server|listening|listener|gateway|worker process(es)?|service|configuration)\b.*\b(start(ed|ing|up)?|listening|stopp(ed|ing)|loaded|ready|on port)\b|\blistening on\b')
        then 'not an access line: a server that starts or stops'
end;

-- The value of a key among `key=value` pairs, each after a space, with its quotes; empty where there is none. The quick one may be
-- misled by a quoted value that holds what looks like a key.
create or replace macro logfmt_quick(fields, key) as regexp_extract(fields, ' ' || key || '=("[^"]*"|[^ "]*)', 1);
-- The fields of Tyk's access lines in three groups: the line, what follows client_ip=, what follows prefix=access-log; all empty
-- where they stand otherwise. A regular expression of four groups at most, of which each next byte says what it belongs to, takes
-- a tenth of the time of any other.
create or replace macro tyk_caller(text) as regexp_extract(
    text, '^ time=("[^"=\\]*"|[^ "]*) level=info api_id=("[^"=\\]*"|[^ "]*) api_key=("[^"=\\]*"|[^ "]*) api_name=("[^"=\\]*"|[^ "]*) (?:api_[tv][a-z]+=(?:"[^"=\\]*"|[^ "]*) )*client_ip=',
    ['stamp', 'api_id', 'api_key', 'api_name']);
create or replace macro tyk_asked(text) as regexp_extract(
    text, '^("[^"=\\]*"|[^ "]*) (?:[c-k][a-z_]+=(?:"[^"=\\]*"|[^ "]*) )*latency_total=("[^"=\\]*"|[^ "]*) method=("[^"=\\]*"|[^ "]*) (?:org_id=(?:"[^"=\\]*"|[^ "]*) )?path=("[^"=\\]*"|[^ "]*) prefix=access-log ',
    ['client_ip', 'latency_total', 'method', 'path']);
create or replace macro tyk_answered(text) as regexp_extract(
    text, '^(?:[pr][a-z_]+=(?:"[^"=\\]*"|[^ "]*) )*status=("[^"=\\]*"|[^ "]*) (?:t(?:ls_[a-z_]+=(?:"[^"=\\]*"|[^ "]*)|race_id=("[^"=\\]*"|[^ "]*)) )*upstream_(?:addr=(?:"[^"=\\]*"|[^ "]*) upstream_)?latency=("[^"=\\]*"|[^ "]*) u(?:pstream_status=(?:"[^"=\\]*"|[^ "]*) u)?ser_agent=("[^"=\\]*"|[^ "]*)$',
    ['status', 'trace_id', 'upstream_latency', 'user_agent']);
create or replace macro logfmt_value(fields, key) as regexp_extract(
    fields, '^(?: [A-Za-z_]+=(?:"[^"\\]*(?:\\.[^"\\]*)*"|[^ "]*))*? ' || key || '=("[^"\\]*(?:\\.[^"\\]*)*"|[^ "]*)(?: |$)', 1);
create or replace macro logfmt_bare(value) as nullif(case when starts_with(value, '"') then substr(value, 2, length(value) - 2) else value end, '');

-- Seconds, or a list of them ("0.000, 1.000 : -": one a try), summed, in milliseconds; null where there is none.
create or replace macro seconds_as_ms(text) as round(1000 * list_sum(list_transform(
    regexp_extract_all(text, '[0-9]+(?:[.][0-9]+)?'), lambda number: cast(number as double))), 3);

-- An address without its port and brackets.
create or replace macro address_of(text) as case
    when not contains(text, ':') then text
    when starts_with(text, '[') then regexp_extract(text, '^\[([^\]]*)\]', 1)
    when regexp_full_match(text, '[^:]*:[0-9]+') then split_part(text, ':', 1)
    else text end;

-- The leftmost address of an X-Forwarded-For list; null where it begins with none.
create or replace macro forwarded_address(list) as
    case
        when list in ('-', '') then null
        when not contains(list, ',') and not contains(list, ':') then list
        else nullif(address_of(trim(split_part(list, ',', 1))), '')
    end;

-- A reference to the API key in a query string, hashed; null where there is none.
create or replace macro key_in_query(target) as
    'key:' || keyed_hash(nullif(regexp_extract(target, '(?i)[?&]api[_-]?key=([^&#]+)', 1), ''));

-- Istio's clusters say the side of a sidecar: inbound|8080|| or outbound|8080||rates.shop.svc.cluster.local. One that names no
-- host, or is for hosts that the mesh does not know, gets the host that was asked for.
create or replace macro envoy_service(cluster, host) as case
    when cluster is null then host
    when starts_with(cluster, 'inbound|') and ends_with(cluster, '|') then cluster || coalesce(host, '')
    when starts_with(cluster, 'InboundPassthroughCluster') then 'inbound|||' || coalesce(host, '')
    when cluster = 'PassthroughCluster' then 'outbound|||' || coalesce(host, '')
    else cluster end;

-- The service that such a cluster is for; any other name of a service stays.
create or replace macro service_name(service) as case
    when starts_with(service, 'inbound|') or starts_with(service, 'outbound|') then nullif(split_part(service, '|', 4), '')
    else service end;

-- A name for a service that keeps the sidecar's side.
create or replace macro with_side(service, name) as case
    when starts_with(service, 'inbound|') then 'inbound|||' || name
    when starts_with(service, 'outbound|') then 'outbound|||' || name
    else name end;

-- The parts of an Envoy access log line: those that its quotes part, counted from the end; or by a regular expression, for
-- quotes inside them. `numbers` are bytes in, bytes out, milliseconds, upstream milliseconds between spaces.
create or replace macro envoy_plain_parts(piece) as struct_pack(
    stamp := substr(piece[1], 2, length(piece[1]) - 3), request := piece[2], answer := piece[3], numbers := piece[-11],
    forwarded := piece[-10], agent := piece[-8], request_id := piece[-6], authority := piece[-4], upstream := piece[-2],
    tail := rtrim(piece[-1], chr(13) || chr(10)));

create or replace macro envoy_parts(line) as regexp_extract(
    line,
    '^\[([^\]]*)\] "(.*?)"( (?:[0-9]+|-) .*?)((?: (?:[0-9]+|-)){4} )"([^"]*)" "(.*)" "([^"]*)" "([^"]*)" "([^"]*)"([^"\r\n]*)[\r\n]*$',
    ['stamp', 'request', 'answer', 'numbers', 'forwarded', 'agent', 'request_id', 'authority', 'upstream', 'tail']
);

-- "2026/06/09 - 12:00:01", perhaps with a fraction, as naive UTC.
create or replace macro gin_time(text) as try_strptime(text, ['%Y/%m/%d - %H:%M:%S', '%Y/%m/%d - %H:%M:%S.%f']);

-- A duration as Go writes it (943ns, 4.529µs, 12.5ms, 1.5s, 2m3.5s, 1h0m2s) in milliseconds; null where it is none.
create or replace macro go_duration_ms(text) as case
    when ends_with(text, 'ms') then try_cast(left(text, length(text) - 2) as double)
    when ends_with(text, 'ns') then try_cast(left(text, length(text) - 2) as double) / 1000000
    when regexp_matches(text, '[µμu�]s$') then try_cast(regexp_extract(text, '^([0-9.]+)', 1) as double) / 1000
    when regexp_full_match(text, '[0-9.]+s') then 1000 * try_cast(rtrim(text, 's') as double)
    when regexp_full_match(text, '([0-9]+h)?([0-9]+m)?[0-9.]+s') then
        3600000 * coalesce(try_cast(nullif(regexp_extract(text, '([0-9]+)h', 1), '') as double), 0)
        + 60000 * coalesce(try_cast(nullif(regexp_extract(text, '([0-9]+)m', 1), '') as double), 0)
        + 1000 * try_cast(regexp_extract(text, '([0-9.]+)s$', 1) as double)
    end;

create or replace macro without_colours(text) as regexp_replace(text, '\x1b\[[0-9;]*m', '', 'g');
-- The first of the values of a header, which a log writes as a list (["curl/8.5"]) or, filtered, as a text; null where a
-- log says that it was taken out.
create or replace macro header_value(text) as nullif(nullif(
    case
        when not starts_with(text, '[') then text
        when not starts_with(text, '["') then ''
        when contains(text, '\') or contains(text, '","') then try(json_extract_string(text, '$[0]'))
        else substr(text, 3, length(text) - 4)
    end, ''), 'REDACTED');

-- An analytics record as Go prints a structure. All empty where the line is none.
create or replace macro tyk_structure_parts(line) as regexp_extract(
    line,
    'analytics-record(?:\x1b\[0m)?="?\{(?:[^ ]* )?([A-Z]+) [^ ]* (/[^ ]*) (/[^ ]*) (-?[0-9]+) (.*?) [0-9]{1,2} [A-Z][a-z]+ [0-9]{4} '
    || '[0-9]{1,2} ([0-9]{1,3}) ([^ ]*) ([0-9-]{10} [0-9:.]+ [+-][0-9]{4}) [^ ]+ (?:Non Versioned|Not Versioned|[^ ]*) (.*) ([^ ]*) [^ ]* '
    || '([^ ]*) (-?[0-9]+) [^ ]* [^ ]* ([0-9A-Fa-f.:, ]*) \{\{.*\} \{[0-9]+ [0-9]+ [0-9]+ [0-9]+\} \{(-?[0-9]+) (-?[0-9]+)(?: [0-9]+)?\} '
    || '\[.*\] (.*) (true|false) [0-9-]{10} ',
    ['method', 'path', 'raw_path', 'request_bytes', 'agent', 'status', 'api_key', 'stamp', 'api_name', 'api_id', 'oauth_id', 'request_time',
     'address', 'total', 'upstream', 'alias', 'tracked']
);

-- A number as Go prints it, also where its verb was the wrong one: 48, %!s(int64=48).
create or replace macro go_number(text) as
    case when contains(text, '=') then rtrim(split_part(text, '=', 2), ')') else text end;

-- A reference to a Tyk key, raw or hashed by Tyk; null where the call came without one, which Tyk writes as zeros.
create or replace macro tyk_key(api_key) as case
    when api_key <> '' and api_key <> '00000000' then 'key:' || keyed_hash(api_key) end;

create or replace macro without_escapes(text) as case
    when not contains(text, '\') then text
    else replace(replace(replace(text, '\x22', '"'), '\"', '"'), '\\', '\') end;

-- The line as it may be kept: no query string, no header or field that holds a credential, no token, no user:password@.
create or replace macro redacted(text) as
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        left(rtrim(text, chr(10) || chr(13)), 8000),
        -- an attribute of OpenTelemetry's has its name beside its value
        '(?i)"key"\s*:\s*"([^"]*(?:key|token|secret|authorization|passw|cookie|credential|signature|quer|url)[^"]*)"\s*,\s*"value"\s*:\s*'
        || '\{[^{}]*(?:\}|$)', '"attribute":"\1 [redacted]"', 'g'),
        -- headers that HAProxy captured
        ' \{[^{}":]+(?:\}|$)', ' {[redacted]}', 'g'),
        '(?i)("[^"]*(?:key|token|secret|authorization|passw|cookie|credential|signature|client_?id|raw_re(?:quest|sponse))[^"]*"\s*:\s*)'
        || '(?:\[(?:\s*"(?:[^"\\]|\\.)*(?:"|\\?$)\s*,?)*\]?|"(?:[^"\\]|\\.)*(?:"|\\?$))',
        '\1"[redacted]"', 'g'),
        '"key-[^"]*("|$)', '"key-[redacted]"', 'g'),
        '(analytics-record(?:\x1b\[0m)?=|\bmap\[alias:).*', '\1[redacted]', 'gs'),
        '(?i)("quer[^"]*"\s*:\s*)(?:\{[^}]*(?:\}|$)|"(?:[^"\\]|\\.)*(?:"|$))', '\1"[redacted]"', 'g'),
        '\?[^\s"]+', '?[redacted]', 'g'),
        '(?i)\b(bearer|basic|digest|apikey|token)\s+[A-Za-z0-9._~+/=-]{6,}', '\1 [redacted]', 'g'),
        '(?i)\b([a-z_-]*(?:api[_-]?key|token|secret|passw(?:or)?d)[a-z_-]*)\s*=\s*[^\s&",;]+', '\1=[redacted]', 'g'),
        '(?:eyJ[A-Za-z0-9_-]{8,}[A-Za-z0-9._-]*|\b[sr]k_(?:live|test)_[A-Za-z0-9]+|\bAKIA[0-9A-Z]{16}|//[^/@\s:"]+:(?:[^/@\s"]+@|[^/@\s"]*[^/@\s"0-9][^/@\s"]*$))',
        '[redacted]', 'g');

-- A text with every network address in it replaced.
create or replace macro without_addresses(text) as regexp_replace(
    text, '\b[0-9]{1,3}(?:[.][0-9]{1,3}){3}\b|\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F:]+|\b[0-9a-fA-F]{1,4}::[0-9a-fA-F:]+',
    '[address]', 'g');

-- A user agent as it may be shown: no key, no address, no mailbox.
create or replace macro shown_agent(agent) as regexp_replace(
    without_addresses(redacted(left(agent, 160))), '[^\s;(@]+@[^\s;)]+|[A-Za-z0-9_-]{32,}|(?i:(?:key|token|secret|passw[a-z]*)\s*[=:]\s*[^\s;)]+)', '[redacted]', 'g');

-- Whether a span, of `days` days from `since` on, is one of those that make up a period of days (half-open, null is without an end): a week, from its Monday,
-- that lies in it whole, or a day before its first Monday or in the week in which it ends. Said of `since` alone, so that days in between are not even read.
create or replace macro is_span_of(since, days, date_from, date_to) as
    since >= coalesce(cast(date_from as date), date '0001-01-01')
    and since < coalesce(cast(date_to as date), date '9999-12-31')
    and since + days <= coalesce(cast(date_to as date), date '9999-12-31')
    and (
        days = 7
        or since < cast(date_trunc('week', coalesce(cast(date_from as date), date '0001-01-01') + 6) as date)
        or since >= cast(date_trunc('week', coalesce(cast(date_to as date), date '9999-12-31')) as date)
    );

-- Days between two moments, to the microsecond.
create or replace macro days_between(since, until) as (epoch_us(until) - epoch_us(since)) / 86400000000;

-- Kaplan–Meier: the share to which nothing has happened yet, at each day on which a subject left, and its 95 % band (Greenwood's
-- variance on the log(-log) scale, as lifelines and R's `conf.type = "log-log"` have it). Takes the name of a relation of subjects: series,
-- days, happened. Who leaves on the day of another's event was still at risk. The band closes where nothing, or everything, has happened.
create or replace macro kaplan_meier(subjects) as table
    with leaving as (
        select series, days, count(*) as leaving, count(*) filter (happened) as events
        from query_table(subjects)
        group by series, days
    ),
    risk as (
        select series, days, leaving, events, cast(sum(leaving) over (partition by series order by days desc) as bigint) as at_risk
        from leaving
    ),
    sums as (
        select
            series,
            days,
            at_risk,
            events,
            leaving - events as censored,
            bool_or(events = at_risk) over so_far as is_over,
            sum(case when events < at_risk then ln((at_risk - events) / at_risk) else 0 end) over so_far as log_survival,
            sum(case when events < at_risk then events / (cast(at_risk as double) * (at_risk - events)) else 0 end) over so_far as variance
        from risk
        window so_far as (partition by series order by days)
    )
    select
        series,
        days,
        at_risk,
        events,
        censored,
        case when is_over then 0 else exp(log_survival) end as survival,
        case
            when is_over then 0
            when log_survival = 0 then 1
            else exp(-exp(ln(-log_survival) - 1.959963984540054 * sqrt(variance) / log_survival))
        end as lower,
        case
            when is_over then 0
            when log_survival = 0 then 1
            else exp(-exp(ln(-log_survival) + 1.959963984540054 * sqrt(variance) / log_survival))
        end as upper
    from sums;

-- The sums of the log-rank test: for each pair of segments of a stratum what was expected of the first, had all been alike, and the covariance
-- of (observed − expected) of the two. Takes the name of a relation of subjects: stratum, segment, days, happened.
create or replace macro log_rank_sums(subjects) as table
    with given as materialized (
        select stratum, segment, days, happened
        from query_table(subjects)
    ),
    moments as (
        select stratum, days, count(*) as events
        from given
        where happened
        group by stratum, days
    ),
    segments as (
        select distinct stratum, segment
        from given
    ),
    -- a subject is at risk up to the last event before it leaves; an ASOF join would become a nested loop here
    leaving as (
        select stratum, segment, last_event as days, count(*) as leaving
        from (
            select stratum, segment, max(days) filter (happened) over (partition by stratum order by days) as last_event
            from given
        )
        where last_event is not null
        group by stratum, segment, last_event
    ),
    risk as (
        select
            moments.stratum,
            segments.segment,
            moments.days,
            moments.events,
            cast(sum(coalesce(leaving.leaving, 0)) over (
                partition by moments.stratum, segments.segment order by moments.days desc
            ) as double) as at_risk
        from moments
        join segments on segments.stratum = moments.stratum
        left join leaving on leaving.stratum = moments.stratum and leaving.segment = segments.segment and leaving.days = moments.days
    ),
    weighed as materialized (
        select *, sum(at_risk) over (partition by stratum, days) as everyone
        from risk
    )
    select
        one.stratum,
        one.segment,
        other.segment as other,
        sum(one.events * one.at_risk / one.everyone) as expected,
        sum(
            case when one.everyone > 1 then
                one.events * (one.everyone - one.events) / (one.everyone - 1) * (one.at_risk / one.everyone)
                * (case when one.segment = other.segment then 1 else 0 end - other.at_risk / one.everyone)
            else 0 end
        ) as covariance
    from weighed as one
    join weighed as other on other.stratum = one.stratum and other.days = one.days
    group by one.stratum, one.segment, other.segment;
