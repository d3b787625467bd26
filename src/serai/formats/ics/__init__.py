"""ICS entry summary declarations (CC313A, CC315A): their schema, rules and conditions, and our reading."""
