"""The life of an amount payable: incurrence, notification, payment period, interest, limitation, its end."""
