"""What an operator should see to before somebody is called at night: nothing here changes anything."""
