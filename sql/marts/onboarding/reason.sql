-- One row per reason: what to call it, the next action, and whose move it is.

select *
from (
    values
        ('auth_refused', 'Credentials refused', 'Check the key and its permissions together, send the sign-in example', 'evangelist'),
        ('quota_refused_no_way_up', 'Over quota, no plan above', 'Offer a higher limit or a talk about a plan of their own', 'sales'),
        ('quota_refused', 'Over quota', 'Show the next plan and how to move to it', 'evangelist'),
        ('our_errors', 'Our errors', 'Raise the failing route with its team, tell the account when it is mended', 'engineering'),
        ('wrong_path', 'Wrong path', 'Point to the right path and version, mend the example that misleads', 'evangelist'),
        ('invalid_requests', 'Invalid requests', 'Send a working request for their case', 'evangelist'),
        ('breached_ticket', 'Ticket past its promise', 'Answer the ticket today', 'support'),
        ('open_ticket', 'Open ticket', 'Bring the ticket to its end', 'support'),
        ('waiting_security', 'Waiting for security', 'Send the security documents, offer a call with our security team', 'sales'),
        ('waiting_legal', 'Waiting for legal', 'Ask legal for the open points and a date', 'legal'),
        ('waiting_procurement', 'Waiting for procurement', 'Ask what procurement still needs, and who signs', 'sales'),
        ('waiting_decision_maker', 'Waiting for a decision maker', 'Ask for a meeting with whoever decides, bring a peer''s case', 'sales'),
        ('docs_no_key', 'Docs read, no key', 'Ask what was missing; make the first key easier to find', 'evangelist'),
        ('key_no_call', 'Key, but no call', 'Send a first call to copy, in their language', 'evangelist'),
        ('pricing_no_contact', 'Prices read, no contact', 'Write to them: which plan fits, and whom to ask', 'sales'),
        ('succeeded_silent', 'Succeeded, then silent', 'Ask what they built it for and what is next', 'evangelist'),
        ('no_activity', 'No activity', 'Ask whether they are still interested; otherwise let go', 'evangelist')
) as reasons (reason, label, next_action, whose_move)
