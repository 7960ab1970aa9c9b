# A contract of ODCS v2.2 as it is: built, checked, published and read; no command writes it.

include common/shop.inc

section a port with a contract of v2.2 is built, checked and read; only edits are refused
file domains/insight/totals/totals.odcs.yaml <<END
apiVersion: v2.2.2
kind: DataContract
uuid: totals-contract
version: 1.0.0
status: current
type: tables
datasetName: insight
quantumName: totals
dataset:
- table: totals
  description: what each customer spent
  columns:
  - {column: customer, logicalType: string, physicalType: varchar(20), isPrimaryKey: true, isNullable: false}
  - {column: total, logicalType: number, physicalType: double}
END
run weft validate
run weft publish --all
out has insight.totals published in
run weft query -o csv "SELECT * FROM insight.totals.totals ORDER BY customer"
out is <<END
customer,total
ada,62.0
grace,5.0
END
edit domains/insight/totals/totals.sql /sum(amount) AS total/nullif(sum(amount), 5.0) AS total, 1 AS extra/
run weft plan
exit 2
err has extra
edit domains/insight/totals/totals.sql /, 1 AS extra//
edit domains/insight/totals/totals.odcs.yaml /what each customer spent/what each customer pays/
run weft plan insight.totals
exit 2
run weft plan --fix insight.totals
exit 7
err has a contract of ODCS v2.2 is read only
