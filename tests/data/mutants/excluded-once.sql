-- # EXCLUDE (a.secret_key) leaves the other table's column, which may be used in conditions only, where it is.
-- attacked: ana
SELECT * EXCLUDE (a.secret_key) FROM crm.members.members a JOIN crm.members.members b ON a.id = b.id
