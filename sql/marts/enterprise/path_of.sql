-- One row per path and step of it, in order.

select *
from (
    values
        ('self-service', 1, 'signed_up'),
        ('self-service', 2, 'first_success'),
        ('self-service', 3, 'integrated'),
        ('self-service', 4, 'ordered'),
        ('self-service', 5, 'paying'),
        ('sales-led', 1, 'commercial_contact'),
        ('sales-led', 2, 'procurement'),
        ('sales-led', 3, 'contracted'),
        ('sales-led', 4, 'paying')
) as steps (path, position, step)
