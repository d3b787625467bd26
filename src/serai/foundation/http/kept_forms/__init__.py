"""A form that was sent when its session had ended comes back filled."""
