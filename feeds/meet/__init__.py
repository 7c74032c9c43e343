"""The road where entries and articles meet: what the sources say about what we cite."""
