-- # The same through COLUMNS, and on columns that are shown to others.
-- attacked: ana
-- attacked: fred for fraud-investigation
SELECT max(COLUMNS(b.* EXCLUDE (a.secret_key))) FROM crm.members.members a, crm.members.members b
