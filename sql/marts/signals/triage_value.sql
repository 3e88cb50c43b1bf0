-- materialise: view
-- One row per account, number of days and trait of triage_input: the trait's value, as a model weighs it.

unpivot triage_input
on columns (* exclude (account_id, window_day, entered_on))
into name trait value value
