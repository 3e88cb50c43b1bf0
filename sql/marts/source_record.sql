-- One row per source and record table that it fills: how many records, and when one last changed.

with records as (
    select source, 'organization' as table_name, synced_at from raw_organization
    union all
    select source, 'developer' as table_name, synced_at from raw_developer
    union all
    select source, 'application' as table_name, synced_at from raw_application
    union all
    select source, 'credential' as table_name, synced_at from raw_credential
    union all
    select source, 'service' as table_name, synced_at from raw_service
    union all
    select source, 'route' as table_name, synced_at from raw_route
    union all
    select source, 'portal_event' as table_name, synced_at from raw_portal_event
    union all
    select source, 'billing_customer' as table_name, synced_at from raw_billing_customer
    union all
    select source, 'product' as table_name, synced_at from raw_product
    union all
    select source, 'price' as table_name, synced_at from raw_price
    union all
    select source, 'subscription' as table_name, synced_at from raw_subscription
    union all
    select source, 'subscription_item' as table_name, synced_at from raw_subscription_item
    union all
    select source, 'invoice' as table_name, synced_at from raw_invoice
    union all
    select source, 'invoice_line' as table_name, synced_at from raw_invoice_line
    union all
    select source, 'payment' as table_name, synced_at from raw_payment
    union all
    select source, 'refund' as table_name, synced_at from raw_refund
    union all
    select source, 'dispute' as table_name, synced_at from raw_dispute
    union all
    select source, 'balance_fee' as table_name, synced_at from raw_balance_fee
    union all
    select source, 'support_organization' as table_name, synced_at from raw_support_organization
    union all
    select source, 'support_user' as table_name, synced_at from raw_support_user
    union all
    select source, 'support_group' as table_name, synced_at from raw_support_group
    union all
    select source, 'support_schedule' as table_name, synced_at from raw_support_schedule
    union all
    select source, 'ticket' as table_name, synced_at from raw_ticket
    union all
    select source, 'ticket_event' as table_name, synced_at from raw_ticket_event
    union all
    select source, 'contract' as table_name, synced_at from raw_contract
    union all
    select source, 'opportunity' as table_name, synced_at from raw_opportunity
    union all
    select source, 'cost_entry' as table_name, synced_at from raw_cost_entry
    union all
    select source, 'outreach_activity' as table_name, synced_at from raw_outreach_activity
    union all
    select source, 'subscription_change' as table_name, synced_at from raw_subscription_change
    union all
    select source, 'discount' as table_name, synced_at from raw_discount
    union all
    select source, 'credit_note' as table_name, synced_at from raw_credit_note
    union all
    select source, 'exchange_rate' as table_name, synced_at from raw_exchange_rate
    union all
    select source, 'partner_payment' as table_name, synced_at from raw_partner_payment
    union all
    select source, 'plan_figure' as table_name, synced_at from raw_plan_figure
    union all
    select source, 'end_user_report' as table_name, synced_at from raw_end_user_report
)

select source, table_name, count(*) as records, max(synced_at) as last_changed_at
from records
group by source, table_name
