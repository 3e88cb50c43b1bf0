-- One row per sign that an account is an enterprise: what to call it, whether it counts towards [path_rules], and whether it tells of a
-- company. Who only runs into a limit, or asks for more, may be small; a domain of one's own decides nothing.

select *
from (
    values
        ('employees', 'Size', true, true),
        ('developers', 'Several developers', true, true),
        ('security_question', 'Security question', true, true),
        ('legal_question', 'Legal question', true, true),
        ('procurement_question', 'Procurement question', true, true),
        ('sla_question', 'SLA question', true, true),
        ('quota_contact', 'Asked for more quota', true, false),
        ('quota_refused', 'Refused over quota', true, false),
        ('volume', 'Volume above its peers', true, false),
        ('company_domain', 'Company domain', false, false)
) as signals (signal, label, is_strong, is_company)
