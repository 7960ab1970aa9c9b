SELECT
    tier,
    region,
    CAST(year(birth_date) // 10 * 10 AS BIGINT) AS decade,
    count(DISTINCT member_id) AS members,
    CAST(sum(miles) AS BIGINT) AS miles
FROM loyalty.members.members
GROUP BY ALL
