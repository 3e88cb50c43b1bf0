-- One row per currency whose minor unit is not a hundredth (ISO 4217): how many decimals it has.

select unnest(['bif', 'clp', 'djf', 'gnf', 'isk', 'jpy', 'kmf', 'krw', 'pyg', 'rwf', 'ugx', 'uyi', 'vnd', 'vuv', 'xaf', 'xof', 'xpf']) as currency,
    0 as decimals

union all

select unnest(['bhd', 'iqd', 'jod', 'kwd', 'lyd', 'omr', 'tnd']), 3
