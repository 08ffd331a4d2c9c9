"""Who is eligible: rules as expressions, determinations with reasons."""
