"""Who may: parties, agreements, orders, training, and every reason why not."""
