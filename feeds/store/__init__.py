"""What we remember: articles, feeds, who belongs where, what was written, and the rendered entries."""
