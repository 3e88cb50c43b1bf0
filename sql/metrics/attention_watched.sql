-- metric: attention_watched
-- label: What is watched
-- question: How many series were compared with their usual, and up to which day?
-- unit: series
-- grain: one row
-- good: -
-- definition: A series is watched from its first day on and compared once it has eight weeks before the day; younger ones have no normal yet.
-- column compared: series that were compared on the last day
-- column watched: series that had anything in the last eight weeks
-- column day: the last whole day on which anything was called; null where nothing was

select
    (select count(*) from attention_test where day = (select max(day) from attention_series)) as compared,
    (select count(*) from (select distinct kind, tier, subject from attention_series)) as watched,
    (select max(day) from attention_series) as day
