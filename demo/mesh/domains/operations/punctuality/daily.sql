SELECT
    flight_date,
    origin,
    count(*) AS scheduled,
    count(*) FILTER (is_cancelled) AS cancelled,
    count(*) FILTER (dep_delay < 15) AS on_time,
    median(dep_delay) AS median_delay,
    round(100.0 * count(*) FILTER (dep_delay < 15) / nullif(count(dep_delay), 0), 2) AS percent_on_time
FROM operations.flights.departures
GROUP BY flight_date, origin
