SELECT
    f.carrier,
    a.name AS airline,
    CAST(date_trunc('month', f.flight_date) AS DATE) AS month,
    count(*) AS flights,
    count(*) FILTER (f.is_cancelled) AS cancelled,
    round(avg(f.arr_delay), 2) AS mean_arr_delay,
    round(100.0 * count(*) FILTER (f.arr_delay >= 15) / nullif(count(f.arr_delay), 0), 2) AS percent_late
FROM operations.flights.departures AS f
JOIN reference.fleet.airlines AS a ON a.carrier = f.carrier
GROUP BY ALL
