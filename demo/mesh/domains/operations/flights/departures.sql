SELECT
    time_hour,
    make_date(year, month, day) AS flight_date,
    carrier,
    flight,
    origin,
    dest,
    tailnum,
    distance,
    dep_delay,
    arr_delay,
    air_time,
    dep_time IS NULL AS is_cancelled
FROM source.departures
-- $from is the newest published hour; on the first run it is before all others.
WHERE time_hour > CAST($from AS TIMESTAMP WITH TIME ZONE)
