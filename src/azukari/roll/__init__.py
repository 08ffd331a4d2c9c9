"""What is entrusted: a register as received, its households, its selections."""
