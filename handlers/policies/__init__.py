"""Content policy: what the network zone lets a deployment keep."""
