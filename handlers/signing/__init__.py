"""Digital signatures on documents; the only place that knows pyHanko."""
