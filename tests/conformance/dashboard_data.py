"""Input series for a test of the dashboards' queries, and the values that the panels must show."""


def series(name: str, per_minute: int, labels="") -> dict:
    return {"series": f'{name}{{instance="a"{labels}}}', "values": f"0+{per_minute}x2880"}


# The expected values of the panels for the second day of `series_of_two_days`.
SECOND_DAY = {
    "Payments released": 3 * 1440,
    "Payments failed": 1440,
    "Bids submitted": 0,
    "Payment success rate": 0.75,
    "Payments released: amount, total": 300 * 1440,
    "Payments released: amount, average": 100,
    "Payments processing, average": 2.5,
    "Uptime": 1,
    "Requests per second": 2,
    "Error rate": 0.25,
    # Payments and a quarter of the requests fail, so two alerts fire.
    "Status": 2,
    "PaymentService::release: 99.9 % succeed": 0.5,
    "PaymentService::release: 99 % within 0.25 s": 0.25,
    "DB connections open now": 7,
}


def series_of_two_days() -> list:
    """Two days of constant traffic, with a sample each minute."""
    request = "http_server_request_duration_seconds"
    function = ',function="PaymentService::release",module="shop::payments"'
    release = function + ',outcome="{}"'
    failure = function + ',error="ledger",class="{}"'
    status = ',http_response_status_code="{}"'
    return [
        series("payment_released_total", 1, ',trade="plumbing"'),
        series("payment_released_total", 2, ',trade="roofing"'),
        series("payment_failed_total", 1),
        series("payment_released_amount_usd_sum", 300),
        series("payment_released_amount_usd_count", 3),
        series("payments_processing_seconds_sum", 10),
        series("payments_processing_seconds_count", 4),
        series(f"{request}_count", 90, status.format(200)),
        series(f"{request}_count", 30, status.format(503)),
        series("function_duration_seconds_count", 1999, release.format("ok")),
        series("function_duration_seconds_count", 1, release.format("error")),
        series("function_errors_total", 1, failure.format("server")),
        # Errors caused by the caller are not failures.
        series("function_errors_total", 7, failure.format("client")),
        series("function_duration_seconds_bucket", 1985, release.format("ok") + ',le="0.25"'),
        series("function_duration_seconds_bucket", 1999, release.format("ok") + ',le="+Inf"'),
        {"series": 'up{instance="a"}', "values": "1x2880"},
        {"series": 'db_connections_open{instance="a"}', "values": "7x2880"},
    ]
