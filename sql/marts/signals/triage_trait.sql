-- One row per trait of triage_input: what it is called, and what it is thought to say where too few have paid for a model to learn it.
-- The prior weights are judgement, not measurement: log-odds per unit of the trait, from what sellers of APIs commonly hold true (people who use
-- their employer's address, build in a team, write rather than read and talk about prices pay more often). One learned from 50 conversions replaces them.
-- `prior_mean` is what an average account is taken to have, so that one such pays with the chance that the prior gives to all.

select position, trait, label, unit, prior_weight, prior_mean, because
from (values
    (1, 'company_domain', 'An address at a company''s domain', 'yes or no', 1.2, 0.35, 'an employer may pay; a private address seldom leads to one'),
    (2, 'verified', 'A verified address', 'yes or no', 0.8, 0.6, 'who verifies means to come back'),
    (3, 'disposable_mail', 'A disposable address', 'yes or no', -1.5, 0.02, 'nobody sends a bill there'),
    (4, 'developers', 'Developers', 'log2 of their number, at most 3', 0.7, 0.15, 'a team is a project'),
    (5, 'applications', 'Applications', 'log2 of their number, at most 3', 0.2, 0.05, 'more than one thing is being built'),
    (6, 'has_key', 'Has a key', 'yes or no', 0.5, 0.7, 'it has begun'),
    (7, 'succeeded', 'A successful call', 'yes or no', 0.8, 0.5, 'it works for them'),
    (8, 'success_days', 'Days with successful calls', 'log2 of 1 + days, at most 4', 0.4, 0.9, 'it is used again'),
    (9, 'routes', 'Routes used', 'log2 of 1 + routes, at most 3', 0.2, 0.6, 'it is used in more than one way'),
    (10, 'writes', 'Writes', 'yes or no', 0.5, 0.35, 'something of theirs depends on it'),
    (11, 'weekdays', 'Works on weekdays', '4 × (share of weekdays among active days − 5/7), drawn to 0 where there are few', 0.3, 0, 'paid work keeps office days'),
    (12, 'calls_a_day', 'Calls on an active day', 'log10 of 1 + calls, at most 4', 0.3, 0.5, 'more than a look'),
    (13, 'errors', 'Calls answered with 4xx', '2 × share of calls, drawn to 0 where there are few', -0.3, 0.2, 'it is still struggling'),
    (14, 'auth_refused', 'Calls refused for their credentials', '2 × share of calls, drawn to 0 where there are few', -0.3, 0.05, 'it is still outside'),
    (15, 'over_limit', 'Calls over its limit', 'yes or no', 0.6, 0.02, 'the free plan is too small for it'),
    (16, 'silent', 'Silent since', 'share of the days since the last call; 0 where it never succeeded', -0.8, 0.3, 'it has stopped'),
    (17, 'docs_read', 'Visits to the docs', 'log2 of 1 + visits, at most 3', 0.1, 0.8, 'it reads on'),
    (18, 'pricing_read', 'Visit to the price page', 'yes or no', 0.8, 0.05, 'it asks what it costs'),
    (19, 'talks', 'Talks of price, terms or a contract', 'yes or no', 1.2, 0.02, 'it says that it may buy'),
    (20, 'tickets', 'Other questions to support', 'yes or no', 0.2, 0.1, 'it is worth their time')
) as traits (position, trait, label, unit, prior_weight, prior_mean, because)
