SELECT
    f.origin,
    f.dest,
    any_value(a.name) AS dest_name,
    max(f.distance) AS distance,
    count(*) AS flights,
    count(DISTINCT f.carrier) AS airlines,
    CAST(coalesce(sum(p.seats), 0) AS BIGINT) AS seats,
    median(f.air_time) AS median_air_time
FROM operations.flights.departures AS f
LEFT JOIN reference.airports.airports AS a ON a.faa = f.dest
LEFT JOIN reference.fleet.planes AS p ON p.tailnum = f.tailnum
WHERE NOT f.is_cancelled
GROUP BY f.origin, f.dest
