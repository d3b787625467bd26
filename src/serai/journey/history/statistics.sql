-- Of DuckDB, over the files of the history: $files are the paths of one table's files.

-- name: sum_lanes
SELECT lane, status, sum(row_count)::bigint FROM read_parquet($files)
GROUP BY lane, status HAVING sum(row_count) <> 0 ORDER BY lane, status

-- name: sum_destinations
SELECT consignee_country_code, sum(row_count)::bigint FROM read_parquet($files)
GROUP BY consignee_country_code HAVING sum(row_count) <> 0 ORDER BY sum(row_count) DESC, consignee_country_code

-- name: sum_hours
-- By the hour (UTC, whatever the session's time zone) of the decision that stands: a reversal has the time of what it reverses.
SELECT epoch_ms(decided_at) // 3600000 * 3600000, sum(row_count)::bigint FROM read_parquet($files)
GROUP BY ALL HAVING sum(row_count) <> 0 ORDER BY 1

-- name: sum_charges
-- What is asked for: neither waived nor a claim.
SELECT consignee_country_code, kind, tax_type_code, due, currency_code, sum(row_count)::bigint, sum(amount_minor)::bigint
FROM read_parquet($files) WHERE NOT is_waived AND kind <> 'claim'
GROUP BY ALL HAVING sum(row_count) <> 0 OR sum(amount_minor) <> 0 ORDER BY ALL

-- name: measure_release
-- From acceptance to release, and from arrival; released is the last that happens, so nothing of it is reversed.
SELECT count(*), quantile_disc(released_ms, 0.5), quantile_disc(released_ms, 0.9),
    count(arrived_ms), quantile_disc(arrived_ms, 0.5), quantile_disc(arrived_ms, 0.9)
FROM (
    SELECT epoch_ms(decided_at) - epoch_ms(accepted_at) AS released_ms, epoch_ms(decided_at) - epoch_ms(arrived_at) AS arrived_ms
    FROM read_parquet($files) WHERE status = 'released' AND row_count > 0
) AS released
