"""The thing that travels: its life, manifest, counterfoil, custody and receipts."""
