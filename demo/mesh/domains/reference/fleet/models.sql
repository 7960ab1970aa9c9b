SELECT
    model,
    count(*) AS planes,
    min(seats) AS least_seats,
    max(seats) AS most_seats,
    min(built) AS oldest
FROM source.planes
GROUP BY model
