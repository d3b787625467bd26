"""Declarations are lodged and other documents submitted: the routes and the service behind them."""
