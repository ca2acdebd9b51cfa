"""What every request passes, page or API: identity, unit of work, strict JSON, headers, problem details."""
