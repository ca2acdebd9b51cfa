"""Delivery between offices: status feedback over the exchange."""
