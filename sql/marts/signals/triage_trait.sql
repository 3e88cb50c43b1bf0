-- One row per trait of triage_input: what it is called, and what it is thought to say where too few have paid for a model to learn it.
-- The prior weights are judgement, not measurement: log-odds per unit of the trait, from what sellers of APIs commonly hold true (people who use
-- their employer's address, build in a team, write rather than read and talk about prices pay more often). One learned from 50 conversions replaces them.
-- `prior_mean` is what an average account is taken to have, so that one such pays with the chance that the prior gives to all.
-- `trust` below 1 is for traits that are rare or that much else moves: they need more evidence before a model weighs them, also a judgement.

select position, trait, label, unit, prior_weight, prior_mean, trust, because
from (values
    (1, 'company', 'Speaks for a company', 'yes or no: an address at a company''s domain, or its name at sign-up', 1.2, 0.4, 1, 'an employer may pay; a private address seldom leads to one'),
    (2, 'open_tier', 'In the open tier', 'yes or no; no where only a tag, a group, a plan or a person puts it there, as since when is not known', 0.8, 0.5, 1, 'we let it in, so it can buy'),
    (3, 'verified', 'A verified address', 'yes or no', 0.4, 0.6, 0.3, 'who verifies means to come back'),
    (4, 'disposable_mail', 'A disposable address', 'yes or no', -1.5, 0.02, 0.3, 'nobody sends a bill there'),
    (5, 'developers', 'Developers', 'log2 of their number, at most 3', 0.7, 0.15, 1, 'a team is a project'),
    (6, 'applications', 'Applications', 'log2 of their number, at most 3', 0.2, 0.05, 1, 'more than one thing is being built'),
    (7, 'has_key', 'Has a key', 'yes or no', 0.5, 0.7, 1, 'it has begun'),
    (8, 'succeeded', 'A successful call', 'yes or no', 0.8, 0.5, 1, 'it works for them'),
    (9, 'success_days', 'Days with successful calls', 'log2 of 1 + days, at most 4', 0.3, 0.9, 1, 'it is used again'),
    (10, 'lasting', 'In lasting use', 'yes or no: successful on as many days as integrated_days says', 0.4, 0.25, 1, 'it has become part of something'),
    (11, 'routes', 'Routes used', 'log2 of 1 + routes, at most 3', 0.2, 0.6, 0.3, 'it is used in more than one way'),
    (12, 'writes', 'Writes', 'yes or no', 0.5, 0.35, 1, 'something of theirs depends on it'),
    (13, 'weekdays', 'Works on weekdays', '4 × (share of weekdays among days in use − 5/7), drawn to 0 where there are few', 0.3, 0, 0.3, 'paid work keeps office days'),
    (14, 'calls_a_day', 'Calls on a day in use', 'log10 of 1 + calls, at most 4', 0.3, 0.5, 0.3, 'more than a look'),
    (15, 'errors', 'Calls answered with 4xx', '2 × share of calls, drawn to 0 where there are few', -0.3, 0.2, 1, 'it is still struggling'),
    (16, 'auth_refused', 'Calls refused for their credentials', '2 × share of calls, drawn to 0 where there are few', -0.3, 0.05, 0.3, 'it is still outside'),
    (17, 'over_limit', 'Calls over its limit', 'yes or no', 0.6, 0.02, 0.3, 'the free plan is too small for it'),
    (18, 'silent', 'Silent since', 'share of the days since the last call; 0 where it never succeeded', -0.8, 0.3, 1, 'it has stopped'),
    (19, 'docs_read', 'Visits to the docs', 'log2 of 1 + visits, at most 3', 0.1, 0.8, 0.3, 'it reads on'),
    (20, 'pricing_read', 'Visit to the price page', 'yes or no', 0.8, 0.05, 0.3, 'it asks what it costs'),
    (21, 'talks', 'Talks of price, terms or a contract', 'yes or no', 1.2, 0.02, 1, 'it says that it may buy'),
    (22, 'tickets', 'Other questions to support', 'yes or no', 0.2, 0.1, 0.3, 'it is worth their time')
) as traits (position, trait, label, unit, prior_weight, prior_mean, trust, because)
