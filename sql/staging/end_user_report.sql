-- One row per month and application, or partner, of which somebody told us how many end users it has.

select
    source,
    id,
    nullif(trim(organization_ref), '') as organization_ref,
    nullif(trim(organization_name), '') as organization_name,
    nullif(lower(trim(domain)), '') as domain,
    nullif(trim(application_ref), '') as application_ref,
    cast(date_trunc('month', month) as date) as month,
    end_users,
    nullif(trim(counted_as), '') as counted_as
from raw_end_user_report
