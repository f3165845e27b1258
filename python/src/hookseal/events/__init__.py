"""Typed events of the providers whose file has a catalog: ``webkasa.typed(event)``."""
