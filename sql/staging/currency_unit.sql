-- One row per currency whose minor unit is not a hundredth: how many decimals the store keeps of it. ISO 4217's, but as billers count them:
-- ISK and UGX in hundredths, MGA in whole units.

select unnest(['bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'uyi', 'vnd', 'vuv', 'xaf', 'xof', 'xpf']) as currency,
    0 as decimals

union all

select unnest(['bhd', 'iqd', 'jod', 'kwd', 'lyd', 'omr', 'tnd']), 3
