"""The polling road: ask what is due, read what came, keep what was learnt."""
