"""Papers for the post from one filing: CN 22 and CN 23 to print, and the message ITMATT for export."""
