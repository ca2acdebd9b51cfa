"""Lists and dashboards: they may join freely and never write."""
