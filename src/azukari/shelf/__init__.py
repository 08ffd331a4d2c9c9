"""What is durable and belongs to no one program: files, folders, journals, ledger rows."""
