"""What we say: which feeds there are, and their bytes."""
