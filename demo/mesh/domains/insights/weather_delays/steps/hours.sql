-- One row for each airport and hour with a flight and an observation. The worst condition counts.
SELECT
    f.origin,
    f.time_hour,
    CASE
        WHEN any_value(w.visib) < 2 THEN 'fog'
        WHEN any_value(w.precip) > 0 THEN 'rain'
        WHEN any_value(w.wind_speed) >= 20 THEN 'wind'
        ELSE 'clear'
    END AS condition,
    count(*) AS flights,
    count(*) FILTER (f.is_cancelled) AS cancelled,
    sum(f.dep_delay) AS minutes_late,
    count(f.dep_delay) AS departed
FROM operations.flights.departures AS f
JOIN weather.observations.hourly AS w ON w.origin = f.origin AND w.time_hour = f.time_hour
GROUP BY f.origin, f.time_hour
