"""How Django admin writes times: with their zone, which is always UTC."""

DATETIME_FORMAT = "j M Y, H:i T"
