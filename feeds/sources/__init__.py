"""What they wrote: the feeds of cited sources, fetched, parsed and decided upon."""
