SELECT
    condition,
    origin,
    count(*) AS hours,
    CAST(sum(flights) AS BIGINT) AS flights,
    CAST(sum(cancelled) AS BIGINT) AS cancelled,
    round(sum(minutes_late) / sum(departed), 2) AS mean_dep_delay,
    round(100.0 * sum(cancelled) / sum(flights), 2) AS percent_cancelled
FROM hours
GROUP BY condition, origin
