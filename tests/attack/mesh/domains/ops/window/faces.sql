SELECT id, region, name, email, ssn FROM crm.members.members
