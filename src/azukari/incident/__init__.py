"""When it is lost: duties, deadlines, impact, report."""
