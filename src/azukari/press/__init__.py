"""What is printed: Typst templates, and the one function that prints."""
