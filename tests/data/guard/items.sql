ATTACH ':memory:' AS sales;
ATTACH ':memory:' AS source;
CREATE SCHEMA sales.orders;
CREATE SCHEMA sales.people;
CREATE TABLE sales.orders.items AS SELECT i AS id, 'n' || i % 4 AS name, (i * 1.25)::DECIMAL(10,2) AS price, DATE '2024-01-01' + i::INT AS day, ['a' || i, 'b'] AS tags, {'city': 'c' || i % 2, 'zip': i::VARCHAR} AS place, ('{"x": ' || i || '}')::JSON AS doc, i % 2 = 0 AS ok FROM range(1, 9) r(i);
CREATE TABLE sales.orders.lines AS SELECT * FROM sales.orders.items WHERE id > 3;
CREATE TABLE sales.people.items AS SELECT * FROM sales.orders.items WHERE id < 5;
CREATE TABLE source.raw AS SELECT * FROM sales.orders.items WHERE id IN (2, 4, 7);
