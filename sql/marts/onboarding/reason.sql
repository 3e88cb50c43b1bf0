-- One row per reason: what to call it, the next action, whose move it is, and within how many days.

select *
from (
    values
        ('auth_refused', 'Credentials refused', 'Check the key and its permissions together, send the sign-in example', 'evangelist', 7),
        ('quota_refused_no_way_up', 'Over quota, no plan above', 'Offer a higher limit or a talk about a plan of their own', 'sales', 14),
        ('quota_refused', 'Over quota', 'Show the next plan and how to move to it', 'evangelist', 7),
        ('our_errors', 'Our errors', 'Raise the failing route with its team, tell the account when it is mended', 'engineering', 14),
        ('wrong_path', 'Wrong path', 'Point to the right path and version, mend the example that misleads', 'evangelist', 7),
        ('invalid_requests', 'Invalid requests', 'Send a working request for their case', 'evangelist', 7),
        ('breached_ticket', 'Ticket past its promise', 'Answer the ticket today', 'support', 7),
        ('open_ticket', 'Open ticket', 'Bring the ticket to its end', 'support', 7),
        ('waiting_security', 'Waiting for security', 'Send the security documents, offer a call with our security team', 'sales', 14),
        ('waiting_legal', 'Waiting for legal', 'Ask legal for the open points and a date', 'legal', 14),
        ('waiting_procurement', 'Waiting for procurement', 'Ask what procurement still needs, and who signs', 'sales', 14),
        ('waiting_decision_maker', 'Waiting for a decision maker', 'Ask for a meeting with whoever decides, bring a peer''s case', 'sales', 14),
        ('docs_no_key', 'Docs read, no key', 'Ask what was missing; make the first key easier to find', 'evangelist', 7),
        ('key_no_call', 'Key, but no call', 'Send a first call to copy, in their language', 'evangelist', 7),
        ('pricing_no_contact', 'Prices read, no contact', 'Write to them: which plan fits, and whom to ask', 'sales', 14),
        ('succeeded_silent', 'Succeeded, then silent', 'Ask what they built it for and what is next', 'evangelist', 7),
        ('no_activity', 'No activity', 'Ask whether they are still interested; otherwise let go', 'evangelist', 7)
) as reasons (reason, label, next_action, whose_move, due_days)
