SELECT id, region, secret, num, txt FROM ops.filtered.rows_like
